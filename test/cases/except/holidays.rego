# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local time of Europe/Paris
local_1 := input.local["Europe/Paris"] if input.local["Europe/Paris"] else := local_time("Europe/Paris")

# not on holidays, one day, 2026-05-01 (Europe/Paris)
not_these_dates_1 := [] if not on_dates(local_1.date, local_1.minute, [[[2026,12,25],[2026,12,25]],[[2026,12,31],[2027,1,1]],[[2026,7,14],[2026,7,14]],[[2026,5,1],[2026,5,1]]], [], 0) else := ["not_these_dates"]

# not on holidays (Europe/Paris)
not_these_dates_2 := [] if not on_dates(local_1.date, local_1.minute, [[[2026,12,25],[2026,12,25]],[[2026,12,31],[2027,1,1]]], [[[2026,12,26],[2026,12,26]],[[2027,1,1],[2027,1,2]]], 360) else := ["not_these_dates"]

# from 22:00 to 06:00 (Europe/Paris)
not_these_hours_1 := [] if within_hours(local_1.minute, 1320, 360) else := ["not_these_hours"]

# line 7: Days
share["1"] := {"rule": "Days", "line": 7, "ask": false, "obligations": [], "misses": not_these_dates_1}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email == "ann@example.test"

# line 8: Night
share["2"] := {"rule": "Night", "line": 8, "ask": false, "obligations": [], "misses": array.concat(not_these_dates_2, not_these_hours_1)}
shares.thing["guitar-0042"]["play"] contains "2" if caller_email == "bob@example.test"

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][input.scope]

# what this policy reads of a request
well_formed if {
	is_instant(input.now)
	is_string(input.resource.key)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
	is_date(local_1.date)
	is_minute(local_1.minute)
}

