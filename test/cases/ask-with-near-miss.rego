# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local times
weekday_1 := time.weekday([now_ns, "UTC"])
minute_1 := minute_of_day(time.clock([now_ns, "UTC"]))

# line 4: Weekend
share_1 := {"rule": "Weekend", "line": 4, "ask": false, "obligations": [], "misses": misses_1} if caller_email == "bob@example.test"
misses_1 contains "not_these_days" if not on_days(weekday_1, minute_1, {"sat", "sun"}, 0)
shares.thing["guitar-0042"]["play"] contains share_1

# line 9: Else ask
share_2 := {"rule": "Else ask", "line": 9, "ask": true, "obligations": [], "misses": set()} if caller_email == "bob@example.test"
shares.thing["guitar-0042"]["play"] contains share_2

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

