# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local time of America/New_York
local_1 := input.local["America/New_York"] if input.local["America/New_York"] else := local_time("America/New_York")

# on fair, 2026-12-01 (America/New_York)
not_these_dates_1 := [] if on_dates(local_1.date, local_1.minute, [[[2026,11,23],[2026,11,25]],[[2026,12,1],[2026,12,1]]], [], 0) else := ["not_these_dates"]

# line 4: Fair
share["1"] := {"rule": "Fair", "line": 4, "ask": false, "obligations": [], "misses": not_these_dates_1}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email == "ann@example.test"

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

