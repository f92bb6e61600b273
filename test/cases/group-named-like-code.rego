# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# people: constructor
people_1 := {"bob@example.test"}

# people: toString
people_2 := {"carol@example.test"}

# people: input.party.email
people_3 := {"dave@example.test"}

# line 7: constructor
share_1 := {"rule": "constructor", "line": 7, "ask": false, "obligations": [], "misses": set()} if caller_email in people_1
shares.thing["guitar-0042"]["constructor"] contains share_1

# line 11: Other
share_2 := {"rule": "Other", "line": 11, "ask": false, "obligations": [], "misses": set()} if caller_email in people_3
shares.thing["toString"]["play"] contains share_2

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

