# ---- The fixed part, the same for every policy ----

# An address counts only when it is verified. Some letters outside ASCII (the Kelvin sign) become ASCII in lower case; going
# back shows them, and they never fit.
caller_email := folded if {
	input.party.email_verified == true
	folded := lower(input.party.email)
	upper(folded) == upper(input.party.email)
}

# To be blocked, an address need not be verified.
claimed_email := lower(input.party.email)

signed_in(subject) if subject != ""

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

effect := "deny" if {
	count(blocked) > 0
} else := "allow" if {
	count(allowing) > 0
} else := "ask" if {
	count(fitting) > 0
} else := "deny"

# Near misses: all fits but these conditions.
misses := [{"code": row[1], "line": row[0], "rule": row[2]} |
	some row in sort([[share.line, code, share.rule] |
		some share in candidates
		some code in share.misses
	])
]

reasons_of(shares_found, code) := [{"code": code, "line": row[0], "rule": row[1]} |
	some row in sort([[share.line, share.rule] | some share in shares_found])
]

reasons := [row[1] | some row in sort([row | some row in blocked])] if {
	count(blocked) > 0
} else := reasons_of(allowing, "share_allows") if {
	effect == "allow"
} else := array.concat(reasons_of(fitting, "share_asks_owner"), misses) if {
	effect == "ask"
} else := misses if {
	count(misses) > 0
} else := [{"code": "no_share_for_this"}]

# What any deciding share hides stays hidden.
deciding := allowing if {
	effect == "allow"
} else := fitting if {
	effect == "ask"
} else := set()

hidden := {path |
	some share in deciding
	some path in share.hide
}

obligations := [{"kind": "hide", "paths": sort([path | some path in hidden])}] if {
	count(hidden) > 0
} else := []

decision := {"effect": effect, "reasons": reasons, "obligations": obligations}
