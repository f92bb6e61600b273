# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: One
share["1"] := {"rule": "One", "line": 3, "ask": false, "obligations": [{"kind":"limit","rule":"One","uses":5,"per_seconds":3600},{"kind":"notify","rule":"One"}], "misses": []}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email == "bob@example.test"

# line 4: Two
share["2"] := {"rule": "Two", "line": 4, "ask": false, "obligations": [{"kind":"hide","paths":["$.a"],"other_answers":"refuse"},{"kind":"limit","rule":"Two","uses":9,"per_seconds":null}], "misses": []}
shares.thing[""][""] contains "2" if signed_in(input.party.sub)

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][input.scope]
matching contains key if some key in shares.thing[""][""]

# what this policy reads of a request
well_formed if {
	is_string(input.resource.key)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
}

