# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: A
share["1"] := {"rule": "A", "line": 3, "ask": "once", "obligations": [{"kind":"hide","paths":["$.a"],"other_answers":"refuse"}], "misses": []}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email == "bob@example.test"

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

