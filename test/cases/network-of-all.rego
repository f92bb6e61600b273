# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: Any IPv4
share_1 := {"rule": "Any IPv4", "line": 3, "ask": false, "obligations": [], "misses": misses_1} if caller_email == "bob@example.test"
misses_1 contains "not_from_this_network" if not from_network(["0.0.0.0/0"])
shares.thing["a"]["play"] contains share_1

# line 8: Any IPv6
share_2 := {"rule": "Any IPv6", "line": 8, "ask": false, "obligations": [], "misses": misses_2} if caller_email == "bob@example.test"
misses_2 contains "not_from_this_network" if not from_network(["0:0:0:0:0:0:0:0/0"])
shares.thing["b"]["play"] contains share_2

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

