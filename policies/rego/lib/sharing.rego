# ---- The fixed part, the same for every policy ----

# A party without a name is nobody, and fits no share.
signed_in(subject) if subject != ""

# An address counts only when it is verified. Some letters outside ASCII (the Kelvin sign) become ASCII in lower case; going
# back shows them, and they never fit.
caller_email := folded if {
	signed_in(input.party.sub)
	input.party.email_verified == true
	folded := lower(input.party.email)
	upper(folded) == upper(input.party.email)
}

# To be blocked, an address need not be verified.
claimed_email := lower(input.party.email)

# IPv4 callers of a socket that serves both families appear as ::ffff:192.0.2.1.
caller_ip := trim_prefix(lower(input.request.ip), "::ffff:")

from_network(networks) if {
	some network in networks
	net.cidr_contains(network, caller_ip)
}

# Instants are texts of one length in UTC, so they compare as texts.
before(instant) if input.now < instant

on_or_before(today, last_day) if today <= last_day

now_ns := time.parse_rfc3339_ns(input.now)

minute_of_day(clock) := (clock[0] * 60) + clock[1]

within_hours(minute, start, end) if {
	start < end
	minute >= start
	minute < end
}

# Over midnight.
within_hours(minute, start, end) if {
	start > end
	minute >= start
}

within_hours(minute, start, end) if {
	start > end
	minute < end
}

day_names := {"Monday": "mon", "Tuesday": "tue", "Wednesday": "wed", "Thursday": "thu", "Friday": "fri", "Saturday": "sat", "Sunday": "sun"}

day_before := {"Monday": "sun", "Tuesday": "mon", "Wednesday": "tue", "Thursday": "wed", "Friday": "thu", "Saturday": "fri", "Sunday": "sat"}

on_days(weekday, minute, days, day_begins_at) if {
	minute >= day_begins_at
	day_names[weekday] in days
}

# Hours that began yesterday evening belong to yesterday.
on_days(weekday, minute, days, day_begins_at) if {
	minute < day_begins_at
	day_before[weekday] in days
}

# A share that fits who, what and may, and misses nothing.
fitting contains share if {
	some share in candidates
	count(share.misses) == 0
}

allowing contains share if {
	some share in fitting
	share.ask == false
}

# All fits but these conditions.
near_misses := [{"code": row[1], "line": row[0], "rule": row[2]} |
	some row in sort([[share.line, code, share.rule] |
		some share in candidates
		some code in share.misses
	])
]

reasons_of(shares_found, code) := [{"code": code, "line": row[0], "rule": row[1]} |
	some row in sort([[share.line, share.rule] | some share in shares_found])
]

# What any deciding share hides stays hidden.
obligations_of(shares_found) := [{"kind": "hide", "paths": sort(hidden)} |
	hidden := {path |
		some share in shares_found
		some path in share.hide
	}
	count(hidden) > 0
]

# The one answer. A block comes first; a share that allows comes before one that asks; all else is denied.
decision := {"effect": "deny", "reasons": [row[1] | some row in sort(blocked)], "obligations": []} if {
	count(blocked) > 0
} else := {"effect": "deny", "reasons": [{"code": "no_share_for_this"}], "obligations": []} if {
	count(candidates) == 0
} else := {"effect": "allow", "reasons": reasons_of(allowing, "share_allows"), "obligations": obligations_of(allowing)} if {
	count(allowing) > 0
} else := {"effect": "ask", "reasons": array.concat(reasons_of(fitting, "share_asks_owner"), near_misses), "obligations": obligations_of(fitting)} if {
	count(fitting) > 0
} else := {"effect": "deny", "reasons": near_misses, "obligations": []}
