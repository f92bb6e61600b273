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

# Those that fit are counted: a test of an attribute that is not there is neither true nor false, so that none of its kind may be looked for with "not".
attributes_fit(wanted) if count([name | some name, test in wanted; attribute_fits(name, test)]) == count(wanted)

attribute_fits(name, test) if input.resource.attributes[name] in test.one_of

attribute_fits(name, test) if {
	value := input.resource.attributes[name]
	is_number(value)
	not too_low(value, test.range)
	not too_high(value, test.range)
}

# A bound that is not there bounds nothing. These are rules of their own, since a missing bound must not end the one that asks.
too_low(value, range) if value < range.at_least

too_high(value, range) if value > range.at_most

# For blocks and pauses, which hold until what is known rules their conditions out.
surely_other(fact, allowed) if {
	is_string(fact)
	not fact in allowed
}

outside_network(networks) if {
	some family in ["0.0.0.0/0", "::/0"]
	net.cidr_contains(family, caller_ip)
	not from_network(networks)
}

attributes_surely_miss(wanted) if {
	some name, test in wanted
	attribute_is_other(input.resource.attributes[name], test)
}

attribute_is_other(value, test) if {
	allowed := test.one_of
	not value in allowed
}

attribute_is_other(value, test) if {
	is_number(value)
	too_low(value, test.range)
}

attribute_is_other(value, test) if {
	is_number(value)
	too_high(value, test.range)
}

# Instants are texts of one length in UTC, so they compare as texts.
before(instant) if input.now < instant

not_before(instant) if input.now >= instant

on_or_after(today, first_day) if today >= first_day

on_or_before(today, last_day) if today <= last_day

# What the clock on the wall of a zone shows. Sidecars bring it along in the input; elsewhere it is worked out here.
local_time(zone) := {"weekday": day_names[time.weekday(at)], "minute": minute_of_day(time.clock(at)), "date": time.date(at)} if {
	at := [time.parse_rfc3339_ns(input.now), zone]
}

minute_of_day(clock) := (clock[0] * 60) + clock[1]

day_names := {"Monday": "mon", "Tuesday": "tue", "Wednesday": "wed", "Thursday": "thu", "Friday": "fri", "Saturday": "sat", "Sunday": "sun"}

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

on_days(weekday, minute, days, day_begins_at) if {
	minute >= day_begins_at
	weekday in days
}

# Hours that began yesterday evening belong to yesterday.
on_days(weekday, minute, days, day_begins_at) if {
	minute < day_begins_at
	day_before[weekday] in days
}

# Days with their first and last included; those of the nights are a day later.
on_dates(date, minute, ranges, _, day_begins_at) if {
	minute >= day_begins_at
	some range in ranges
	date >= range[0]
	date <= range[1]
}

on_dates(date, minute, _, nights, day_begins_at) if {
	minute < day_begins_at
	some range in nights
	date >= range[0]
	date <= range[1]
}

day_before := {"mon": "sun", "tue": "mon", "wed": "tue", "thu": "wed", "fri": "thu", "sat": "fri", "sun": "sat"}

# What the policy reads must be there and of its type, else there is no decision at all: neither a narrower nor a wider one.
is_text_or_null(fact) if is_string(fact)

is_text_or_null(null)

is_text_list(fact) if {
	is_array(fact)
	count([1 | some text in fact; not is_string(text)]) == 0
}

# 2026-12-31T17:00:00.000Z, in the centuries that rules count in.
is_instant(fact) if {
	is_string(fact)
	count(fact) == 24
	endswith(fact, "Z")
	fact >= "2000-01-01T00:00:00.000Z"
	fact < "2200-01-01T00:00:00.000Z"
}

is_weekday(fact) if day_before[fact]

is_minute(fact) if is_number(fact)

is_date(fact) if {
	is_array(fact)
	count([1 | some number in fact; is_number(number)]) == 3
}
