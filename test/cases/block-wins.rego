# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# people: noisy
people_1 := {"mallory@example.test"}

# line 5: All
share_1 := {"rule": "All", "line": 5, "ask": false, "obligations": [], "misses": set()} if signed_in(input.party.sub)
shares.thing[""][""] contains share_1

# block
blocked contains [10, {"code": "blocked", "line": 10}] if claimed_email in people_1
blocked contains [11, {"code": "blocked", "line": 11, "rule": "Enough"}] if claimed_email in {"eve@example.test", "mallory@example.test"}

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

