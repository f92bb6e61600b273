# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# people: band
people_1 := {"bob@example.test", "carol@example.test"}

# line 5: The band
share_1 := {"rule": "The band", "line": 5, "ask": false, "obligations": [], "misses": set()} if caller_email in people_1
shares.thing["guitar-0042"]["play"] contains share_1
shares.thing["guitar-0042"]["read"] contains share_1

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

