# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local time of Asia/Kathmandu
local_1 := input.local["Asia/Kathmandu"] if input.local["Asia/Kathmandu"] else := local_time("Asia/Kathmandu")

# local time of Australia/Lord_Howe
local_2 := input.local["Australia/Lord_Howe"] if input.local["Australia/Lord_Howe"] else := local_time("Australia/Lord_Howe")

# local time of America/St_Johns
local_3 := input.local["America/St_Johns"] if input.local["America/St_Johns"] else := local_time("America/St_Johns")

# from 08:00 to 09:00 (Asia/Kathmandu)
not_these_hours_1 := [] if within_hours(local_1.minute, 480, 540) else := ["not_these_hours"]

# from 02:00 to 03:00 (Australia/Lord_Howe)
not_these_hours_2 := [] if within_hours(local_2.minute, 120, 180) else := ["not_these_hours"]

# from 00:00 to 01:00 (America/St_Johns)
not_these_hours_3 := [] if within_hours(local_3.minute, 0, 60) else := ["not_these_hours"]

# line 3: Kathmandu
share["1"] := {"rule": "Kathmandu", "line": 3, "ask": false, "obligations": [], "misses": not_these_hours_1}
shares.thing["a"]["play"] contains "1" if caller_email == "bob@example.test"

# line 8: Lord Howe
share["2"] := {"rule": "Lord Howe", "line": 8, "ask": false, "obligations": [], "misses": not_these_hours_2}
shares.thing["b"]["play"] contains "2" if caller_email == "bob@example.test"

# line 13: St Johns
share["3"] := {"rule": "St Johns", "line": 13, "ask": false, "obligations": [], "misses": not_these_hours_3}
shares.thing["c"]["play"] contains "3" if caller_email == "bob@example.test"

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
	is_minute(local_2.minute)
	is_minute(local_3.minute)
}

