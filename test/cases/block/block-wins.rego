# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# people: noisy
people_1 := {"mallory@example.test"}

# line 5: All
share["1"] := {"rule": "All", "line": 5, "ask": false, "obligations": [], "misses": []}
shares.thing[""][""] contains "1" if signed_in(input.party.sub)

# block and pause
stops contains [1, {"code": "blocked", "line": 10}] if claimed_email in people_1
stops contains [2, {"code": "blocked", "line": 11, "rule": "Enough"}] if claimed_email in {"eve@example.test", "mallory@example.test"}
stopped := reasons_to_stop(stops)

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[""][""]

# what this policy reads of a request
well_formed if {
	is_string(input.resource.key)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
}

