# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local times
weekday_1 := time.weekday([now_ns, "UTC"])
minute_1 := minute_of_day(time.clock([now_ns, "UTC"]))
date_1 := time.date([now_ns, "UTC"])

# line 3: Narrow
share_1 := {"rule": "Narrow", "line": 3, "ask": false, "obligations": [], "misses": misses_1} if caller_email == "bob@example.test"
misses_1 contains "not_these_days" if not on_days(weekday_1, minute_1, {"mon"}, 0)
misses_1 contains "not_these_hours" if not within_hours(minute_1, 540, 1020)
misses_1 contains "not_from_this_network" if not from_network(["192.0.2.0/24"])
misses_1 contains "expired" if not on_or_before(date_1, [2026,11,30])
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

