# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local times
date_1 := time.date([now_ns, "UTC"])

# line 4: B
share_1 := {"rule": "B", "line": 4, "ask": false, "obligations": [], "misses": set()} if caller_email == "bob@example.test"
shares.thing["guitar-0042"]["play"] contains share_1

# line 5: A
share_2 := {"rule": "A", "line": 5, "ask": false, "obligations": [], "misses": set()} if caller_email == "bob@example.test"
shares.thing[""]["play"] contains share_2

# line 6: C
share_3 := {"rule": "C", "line": 6, "ask": false, "obligations": [], "misses": misses_3} if caller_email == "bob@example.test"
misses_3 contains "expired" if not on_or_before(date_1, [2020,1,1])
shares.thing["guitar-0042"]["play"] contains share_3

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

