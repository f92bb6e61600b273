# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: One
share_1 := {"rule": "One", "line": 3, "ask": false, "obligations": [{"kind":"hide","paths":["$.a","$.b"],"other_answers":"refuse"}], "misses": set()} if caller_email == "bob@example.test"
shares.thing["guitar-0042"]["read"] contains share_1

# line 8: Two
share_2 := {"rule": "Two", "line": 8, "ask": false, "obligations": [{"kind":"hide","paths":["$.a","$.c.d","$.list[*].secret"],"other_answers":"refuse"}], "misses": set()} if signed_in(input.party.sub)
shares.type["smart-guitar"][""] contains share_2

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]
candidates contains share if some share in shares.type[input.resource.type][input.scope]
candidates contains share if some share in shares.type[input.resource.type][""]

