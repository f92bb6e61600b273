# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 5: B
share["1"] := {"rule": "B", "line": 5, "ask": false, "obligations": [], "misses": []}
shares.thing[""][""] contains "1" if signed_in(input.party.sub)

# line 6: A
share["2"] := {"rule": "A", "line": 6, "ask": false, "obligations": [], "misses": []}
shares.thing["guitar-0042"]["play"] contains "2" if caller_email == "bob@example.test"

# block and pause
stops contains [1, {"code": "blocked", "line": 2}] if claimed_email == "eve@example.test"
stopped_things_2 if input.resource.key == "amp-1"
stops contains [2, {"code": "paused", "line": 3}] if stopped_things_2
stopped := reasons_to_stop(stops)

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

