# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local time of Pacific/Auckland
local_1 := input.local["Pacific/Auckland"] if input.local["Pacific/Auckland"] else := local_time("Pacific/Auckland")

# on mon, tue, wed, thu, fri (Pacific/Auckland)
not_these_days_1 := [] if on_days(local_1.weekday, local_1.minute, {"mon", "tue", "wed", "thu", "fri"}, 0) else := ["not_these_days"]

# line 3: Workdays
share["1"] := {"rule": "Workdays", "line": 3, "ask": false, "obligations": [], "misses": not_these_days_1}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email == "bob@example.test"

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
	is_weekday(local_1.weekday)
}

