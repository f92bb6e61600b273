# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local times
minute_1 := minute_of_day(time.clock([now_ns, "Asia/Kathmandu"]))
minute_2 := minute_of_day(time.clock([now_ns, "Australia/Lord_Howe"]))
minute_3 := minute_of_day(time.clock([now_ns, "America/St_Johns"]))

# line 3: Kathmandu
share_1 := {"rule": "Kathmandu", "line": 3, "ask": false, "obligations": [], "misses": misses_1} if caller_email == "bob@example.test"
misses_1 contains "not_these_hours" if not within_hours(minute_1, 480, 540)
shares.thing["a"]["play"] contains share_1

# line 8: Lord Howe
share_2 := {"rule": "Lord Howe", "line": 8, "ask": false, "obligations": [], "misses": misses_2} if caller_email == "bob@example.test"
misses_2 contains "not_these_hours" if not within_hours(minute_2, 120, 180)
shares.thing["b"]["play"] contains share_2

# line 13: St Johns
share_3 := {"rule": "St Johns", "line": 13, "ask": false, "obligations": [], "misses": misses_3} if caller_email == "bob@example.test"
misses_3 contains "not_these_hours" if not within_hours(minute_3, 0, 60)
shares.thing["c"]["play"] contains share_3

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

