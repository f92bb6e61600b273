# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: All
share["1"] := {"rule": "All", "line": 3, "ask": false, "obligations": [], "misses": []}
shares.thing[""][""] contains "1" if signed_in(input.party.sub)

# block and pause
stops contains [1, {"code": "blocked", "line": 8, "rule": "Pause"}] if signed_in(input.party.sub)
stopped := reasons_to_stop(stops)

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[""][""]

# what this policy reads of a request
well_formed if {
	is_string(input.resource.key)
	is_string(input.scope)
	is_string(input.party.sub)
}

