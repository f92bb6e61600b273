# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: All
share_1 := {"rule": "All", "line": 3, "ask": false, "obligations": [], "misses": set()} if signed_in(input.party.sub)
shares.thing[""][""] contains share_1

# block
blocked contains [8, {"code": "blocked", "line": 8, "rule": "Pause"}] if signed_in(input.party.sub)

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

