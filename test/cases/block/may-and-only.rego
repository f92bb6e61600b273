# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local time of UTC
local_1 := input.local["UTC"] if input.local["UTC"] else := local_time("UTC")

# line 5: All
share["1"] := {"rule": "All", "line": 5, "ask": false, "obligations": [], "misses": []}
shares.thing[""][""] contains "1" if signed_in(input.party.sub)

# block and pause
stopped_things_1 if input.resource.key == "guitar-0042"
stops contains [1, {"code": "blocked", "line": 7, "rule": "Night"}] if {
	stopped_things_1
	within_hours(local_1.minute, 1320, 360)
}
stops contains [2, {"code": "blocked", "line": 8, "rule": "Not the place"}] if {
	claimed_email == "bob@example.test"
	input.scope in {"read", "locate"}
}
stopped_things_3 if input.resource.key == "lamp"
stops contains [3, {"code": "blocked", "line": 9, "rule": "From there"}] if {
	stopped_things_3
	not outside_network(["198.51.100.0/24"])
}
stopped_things_4 if input.resource.key == "radio"
stops contains [4, {"code": "blocked", "line": 10, "rule": "Ads"}] if {
	stopped_things_4
	not surely_other(input.request.purpose, {"ads"})
}
stopped_things_5 if input.resource.key == "car"
stops contains [5, {"code": "blocked", "line": 11, "rule": "Low"}] if {
	stopped_things_5
	not attributes_surely_miss({"battery":{"range":{"at_most":20}}})
}
stopped_things_6 if input.resource.key == "amp"
stops contains [6, {"code": "blocked", "line": 12, "rule": "Party"}] if {
	stopped_things_6
	not attributes_surely_miss({"mode":{"one_of":["party"]}})
	on_or_after(local_1.date, [2026,11,1])
	on_or_before(local_1.date, [2026,11,30])
}
stopped := reasons_to_stop(stops)

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[""][""]

# what this policy reads of a request
well_formed if {
	is_instant(input.now)
	is_text_or_null(input.request.ip)
	is_text_or_null(input.request.purpose)
	is_string(input.resource.key)
	is_object(input.resource.attributes)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_date(local_1.date)
	is_minute(local_1.minute)
}

