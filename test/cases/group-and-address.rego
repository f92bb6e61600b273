# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# people: band
people_1 := {"bob@example.test"}

# people: crew
people_2 := {"erin@example.test"}

# line 6: Many
who_1 if caller_email in people_1
who_1 if caller_email in people_2
who_1 if caller_email in {"dave@example.test", "zoe@example.test"}
share_1 := {"rule": "Many", "line": 6, "ask": false, "obligations": [], "misses": set()} if who_1
shares.thing["guitar-0042"]["play"] contains share_1
shares.thing["amp-7"]["play"] contains share_1

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

