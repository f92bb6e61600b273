# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local time of Europe/Paris
local_1 := input.local["Europe/Paris"] if input.local["Europe/Paris"] else := local_time("Europe/Paris")

# from the network 192.0.2.0/24
not_from_this_network_1 := [] if from_network(["192.0.2.0/24"]) else := ["not_from_this_network"]

# on mon, tue, wed, thu, fri (Europe/Paris)
not_these_days_1 := [] if on_days(local_1.weekday, local_1.minute, {"mon", "tue", "wed", "thu", "fri"}, 0) else := ["not_these_days"]

# line 4: Band
share["1"] := {"rule": "Band", "line": 4, "ask": false, "obligations": [], "misses": array.concat(not_from_this_network_1, not_these_days_1)}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email == "bob@example.test"
shares.tag["live"]["play"] contains "1" if caller_email == "bob@example.test"

# line 9: Ask
share["2"] := {"rule": "Ask", "line": 9, "ask": "once", "obligations": [], "misses": []}
shares.thing["guitar-0042"]["diagnose"] contains "2" if signed_in(input.party.sub)

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][input.scope]
matching contains key if {
	some tag in input.resource.tags
	some key in shares.tag[tag][input.scope]
}

# what this policy reads of a request
well_formed if {
	is_instant(input.now)
	is_text_or_null(input.request.ip)
	is_string(input.resource.key)
	is_text_list(input.resource.tags)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
	is_minute(local_1.minute)
	is_weekday(local_1.weekday)
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

# The shares that fit in who, what and may, in the order of the document.
candidates := [share[key] | some key in sort(matching)]

fitting := [one | some one in candidates; one.misses == []]

allowing := [one | some one in fitting; one.ask == false]

# All fits but these conditions.
near_misses := [{"code": code, "line": one.line, "rule": one.rule} | some one in candidates; some code in one.misses]

reasons_of(shares, code) := [{"code": code, "line": one.line, "rule": one.rule} | some one in shares]

# What any deciding share asks for is to be kept, in the order of the shares.
obligations_of(shares) := [obligation | some one in shares; some obligation in one.obligations]

reasons_to_stop(rows) := [row[1] | some row in sort(rows)]

# One share that asks each time is enough: no approval lasts longer than each of these shares says.
asks_each_time if {
	some one in fitting
	one.ask == "each_time"
}

decision := answer if well_formed

# The one answer. A block or a pause comes first; a share that allows comes before one that asks; all else is denied.
answer := {"effect": "deny", "reasons": stopped, "obligations": []} if {
	stopped != []
} else := {"effect": "allow", "reasons": reasons_of(allowing, "share_allows"), "obligations": obligations_of(allowing)} if {
	allowing != []
} else := {"effect": "ask", "ask": "each_time", "reasons": array.concat(reasons_of(fitting, "share_asks_owner"), near_misses), "obligations": obligations_of(fitting)} if {
	asks_each_time
} else := {"effect": "ask", "reasons": array.concat(reasons_of(fitting, "share_asks_owner"), near_misses), "obligations": obligations_of(fitting)} if {
	fitting != []
} else := {"effect": "deny", "reasons": near_misses, "obligations": []} if {
	near_misses != []
} else := {"effect": "deny", "reasons": [{"code": "no_share_for_this"}], "obligations": []}
