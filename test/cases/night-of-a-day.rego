# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local times
weekday_1 := time.weekday([now_ns, "Europe/Paris"])
minute_1 := minute_of_day(time.clock([now_ns, "Europe/Paris"]))

# line 4: Friday night
share_1 := {"rule": "Friday night", "line": 4, "ask": false, "obligations": [], "misses": misses_1} if caller_email == "bob@example.test"
misses_1 contains "not_these_days" if not on_days(weekday_1, minute_1, {"fri"}, 360)
misses_1 contains "not_these_hours" if not within_hours(minute_1, 1320, 360)
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

