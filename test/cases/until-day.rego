# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local times
date_1 := time.date([now_ns, "Europe/Paris"])

# line 3: This year
share_1 := {"rule": "This year", "line": 3, "ask": false, "obligations": [], "misses": misses_1} if caller_email == "bob@example.test"
misses_1 contains "expired" if not on_or_before(date_1, [2026,12,31])
shares.thing["guitar-0042"]["play"] contains share_1

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

