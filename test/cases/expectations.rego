# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local times
weekday_1 := time.weekday([now_ns, "Europe/Paris"])
minute_1 := minute_of_day(time.clock([now_ns, "Europe/Paris"]))

# line 4: Band
share_1 := {"rule": "Band", "line": 4, "ask": false, "obligations": [], "misses": misses_1} if caller_email == "bob@example.test"
misses_1 contains "not_these_days" if not on_days(weekday_1, minute_1, {"mon", "tue", "wed", "thu", "fri"}, 0)
misses_1 contains "not_from_this_network" if not from_network(["192.0.2.0/24"])
shares.thing["guitar-0042"]["play"] contains share_1
shares.tag["live"]["play"] contains share_1

# line 9: Ask
share_2 := {"rule": "Ask", "line": 9, "ask": true, "obligations": [], "misses": set()} if signed_in(input.party.sub)
shares.thing["guitar-0042"]["diagnose"] contains share_2

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]
candidates contains share if {
	some tag in input.resource.tags
	some share in shares.tag[tag][input.scope]
}
candidates contains share if {
	some tag in input.resource.tags
	some share in shares.tag[tag][""]
}

# ---- The fixed part, the same for every policy ----

# A party without a name is nobody, and fits no share.
signed_in(subject) if subject != ""

is_subject(issuer, subject) if {
	signed_in(input.party.sub)
	input.party.issuer == issuer
	input.party.sub == subject
}

through_client(client) if {
	signed_in(input.party.sub)
	input.party.client_id == client
}

# An app in its own name is its own subject (RFC 9068 section 2.2).
is_service(client) if {
	input.party.client_id == client
	input.party.sub == client
	input.party.device_id == null
}

is_device(device) if {
	signed_in(input.party.sub)
	input.party.device_id == device
}

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

one_of(fact, allowed) if fact in allowed

# An attribute that is not there does not fit.
attributes_fit(wanted) if count([name | some name, test in wanted; not attribute_fits(input.resource.attributes[name], test)]) == 0

attribute_fits(value, test) if value in test.one_of

attribute_fits(value, test) if {
	is_number(value)
	not value < test.range.at_least
	not value > test.range.at_most
	test.range
}

# Instants are texts of one length in UTC, so they compare as texts.
before(instant) if input.now < instant

not_before(instant) if input.now >= instant

on_or_after(today, first_day) if today >= first_day

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

# What any deciding share asks for is to be kept: in the order of the shares, then of each share's own list.
obligations_of(shares_found) := [row[2] |
	some row in sort([[share.line, index, obligation] |
		some share in shares_found
		some index, obligation in share.obligations
	])
]

stopped := array.concat([row[1] | some row in sort(blocked)], [row[1] | some row in sort(paused)])

# The one answer. A block or a pause comes first; a share that allows comes before one that asks; all else is denied.
decision := {"effect": "deny", "reasons": stopped, "obligations": []} if {
	count(stopped) > 0
} else := {"effect": "deny", "reasons": [{"code": "no_share_for_this"}], "obligations": []} if {
	count(candidates) == 0
} else := {"effect": "allow", "reasons": reasons_of(allowing, "share_allows"), "obligations": obligations_of(allowing)} if {
	count(allowing) > 0
} else := {"effect": "ask", "reasons": array.concat(reasons_of(fitting, "share_asks_owner"), near_misses), "obligations": obligations_of(fitting)} if {
	count(fitting) > 0
} else := {"effect": "deny", "reasons": near_misses, "obligations": []}
