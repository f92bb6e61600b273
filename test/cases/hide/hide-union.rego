# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: One
share["1"] := {"rule": "One", "line": 3, "ask": false, "obligations": [{"kind":"hide","paths":["$.a","$.b"],"other_answers":"refuse"}], "misses": []}
shares.thing["guitar-0042"]["read"] contains "1" if caller_email == "bob@example.test"

# line 8: Two
share["2"] := {"rule": "Two", "line": 8, "ask": false, "obligations": [{"kind":"hide","paths":["$.a","$.c.d","$.list[*].secret"],"other_answers":"refuse"}], "misses": []}
shares.type["smart-guitar"][""] contains "2" if signed_in(input.party.sub)

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][input.scope]
matching contains key if some key in shares.type[input.resource.type][""]

# what this policy reads of a request
well_formed if {
	is_string(input.resource.key)
	is_string(input.resource.type)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
}

