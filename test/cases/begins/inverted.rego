# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local time of Europe/Paris
local_1 := input.local["Europe/Paris"] if input.local["Europe/Paris"] else := local_time("Europe/Paris")

# until the end of 2026-12-01 (Europe/Paris)
expired_1 := [] if on_or_before(local_1.date, [2026,12,1]) else := ["expired"]

# from 2026-12-02 on (Europe/Paris)
not_yet_1 := [] if on_or_after(local_1.date, [2026,12,2]) else := ["not_yet"]

# line 4: A
share["1"] := {"rule": "A", "line": 4, "ask": false, "obligations": [], "misses": array.concat(expired_1, not_yet_1)}
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
	is_date(local_1.date)
}

