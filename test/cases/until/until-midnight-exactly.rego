# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local time of UTC
local_1 := input.local["UTC"] if input.local["UTC"] else := local_time("UTC")

# from 20:00 to 24:00 (UTC)
not_these_hours_1 := [] if within_hours(local_1.minute, 1200, 1440) else := ["not_these_hours"]

# from 22:00 to 00:00 (UTC)
not_these_hours_2 := [] if within_hours(local_1.minute, 1320, 0) else := ["not_these_hours"]

# line 4: Late
share["1"] := {"rule": "Late", "line": 4, "ask": false, "obligations": [], "misses": not_these_hours_1}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email == "bob@example.test"

# line 9: Early
share["2"] := {"rule": "Early", "line": 9, "ask": false, "obligations": [], "misses": not_these_hours_2}
shares.thing["guitar-0042"]["read"] contains "2" if caller_email == "bob@example.test"

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
	is_minute(local_1.minute)
}

