# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: Repair
share_1 := {"rule": "Repair", "line": 3, "ask": true, "obligations": [{"kind":"hide","paths":["$.owner"],"other_answers":"refuse"}], "misses": set()} if signed_in(input.party.sub)
shares.thing["guitar-0042"]["diagnose"] contains share_1

# line 9: Bob repairs
share_2 := {"rule": "Bob repairs", "line": 9, "ask": false, "obligations": [], "misses": set()} if caller_email == "bob@example.test"
shares.thing["guitar-0042"]["diagnose"] contains share_2

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

