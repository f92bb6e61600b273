# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: Party
share_1 := {"rule": "Party", "line": 3, "ask": false, "obligations": [], "misses": misses_1} if caller_email == "bob@example.test"
misses_1 contains "not_with_these_attributes" if not attributes_fit({"mode":{"one_of":["party"]}})
shares.thing["guitar-0042"]["play"] contains share_1

# line 4: Charged
share_2 := {"rule": "Charged", "line": 4, "ask": false, "obligations": [], "misses": misses_2} if caller_email == "bob@example.test"
misses_2 contains "not_with_these_attributes" if not attributes_fit({"battery":{"range":{"at_least":20}}})
shares.thing["amp-1"]["play"] contains share_2

# line 5: Cool
share_3 := {"rule": "Cool", "line": 5, "ask": false, "obligations": [], "misses": misses_3} if caller_email == "bob@example.test"
misses_3 contains "not_with_these_attributes" if not attributes_fit({"heat":{"range":{"at_most":80}},"mode":{"one_of":["party","quiet"]}})
shares.thing["amp-2"]["play"] contains share_3

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

