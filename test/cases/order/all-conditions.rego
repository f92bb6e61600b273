# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local time of UTC
local_1 := input.local["UTC"] if input.local["UTC"] else := local_time("UTC")

# until the end of 2026-11-30 (UTC)
expired_1 := [] if on_or_before(local_1.date, [2026,11,30]) else := ["expired"]

# from the network 192.0.2.0/24
not_from_this_network_1 := [] if from_network(["192.0.2.0/24"]) else := ["not_from_this_network"]

# on mon (UTC)
not_these_days_1 := [] if on_days(local_1.weekday, local_1.minute, {"mon"}, 0) else := ["not_these_days"]

# from 09:00 to 17:00 (UTC)
not_these_hours_1 := [] if within_hours(local_1.minute, 540, 1020) else := ["not_these_hours"]

# line 3: Narrow
share["1"] := {"rule": "Narrow", "line": 3, "ask": false, "obligations": [], "misses": array.concat(array.concat(array.concat(expired_1, not_from_this_network_1), not_these_days_1), not_these_hours_1)}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email == "bob@example.test"

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][input.scope]

# what this policy reads of a request
well_formed if {
	is_instant(input.now)
	is_text_or_null(input.request.ip)
	is_string(input.resource.key)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
	is_date(local_1.date)
	is_minute(local_1.minute)
	is_weekday(local_1.weekday)
}

