# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local times
minute_1 := minute_of_day(time.clock([now_ns, "UTC"]))

# line 4: Late
share_1 := {"rule": "Late", "line": 4, "ask": false, "obligations": [], "misses": misses_1} if caller_email == "bob@example.test"
misses_1 contains "not_these_hours" if not within_hours(minute_1, 1200, 1440)
shares.thing["guitar-0042"]["play"] contains share_1

# line 9: Early
share_2 := {"rule": "Early", "line": 9, "ask": false, "obligations": [], "misses": misses_2} if caller_email == "bob@example.test"
misses_2 contains "not_these_hours" if not within_hours(minute_1, 1320, 0)
shares.thing["guitar-0042"]["read"] contains share_2

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

