# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: Home
share_1 := {"rule": "Home", "line": 3, "ask": false, "obligations": [], "misses": misses_1} if caller_email == "bob@example.test"
misses_1 contains "not_from_this_network" if not from_network(["192.0.2.0/25","203.0.113.7/32","2001:db8:0:1:0:0:0:0/64","2001:db8:0:0:0:0:0:7/128"])
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

