# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# people: band
people_1 := {"bob@example.test", "carol@example.test"}

# line 5: The band
share["1"] := {"rule": "The band", "line": 5, "ask": false, "obligations": [], "misses": []}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email in people_1
shares.thing["guitar-0042"]["read"] contains "1" if caller_email in people_1

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][input.scope]

# what this policy reads of a request
well_formed if {
	is_string(input.resource.key)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
}

