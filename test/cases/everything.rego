# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: Trusted
share_1 := {"rule": "Trusted", "line": 3, "ask": false, "obligations": [], "misses": set()} if caller_email == "bob@example.test"
shares.thing[""][""] contains share_1

# line 7: Reader
share_2 := {"rule": "Reader", "line": 7, "ask": false, "obligations": [], "misses": set()} if caller_email == "carol@example.test"
shares.thing[""]["read"] contains share_2

# line 11: This one
share_3 := {"rule": "This one", "line": 11, "ask": false, "obligations": [], "misses": set()} if caller_email == "dave@example.test"
shares.thing["guitar-0042"][""] contains share_3

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

