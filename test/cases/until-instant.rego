# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: Till six
share_1 := {"rule": "Till six", "line": 3, "ask": false, "obligations": [], "misses": misses_1} if caller_email == "bob@example.test"
misses_1 contains "expired" if not before("2026-11-23T17:00:00.000Z")
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

