# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# people: band
people_1 := {"bob@example.test"}

# people: crew
people_2 := {"erin@example.test"}

# line 6: Many
who_1 if caller_email in people_1
who_1 if caller_email in people_2
who_1 if caller_email in {"dave@example.test", "zoe@example.test"}
share["1"] := {"rule": "Many", "line": 6, "ask": false, "obligations": [], "misses": []}
shares.thing["guitar-0042"]["play"] contains "1" if who_1
shares.thing["amp-7"]["play"] contains "1" if who_1

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

