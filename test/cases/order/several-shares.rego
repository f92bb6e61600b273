# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local time of UTC
local_1 := input.local["UTC"] if input.local["UTC"] else := local_time("UTC")

# until the end of 2020-01-01 (UTC)
expired_1 := [] if on_or_before(local_1.date, [2020,1,1]) else := ["expired"]

# line 4: B
share["1"] := {"rule": "B", "line": 4, "ask": false, "obligations": [], "misses": []}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email == "bob@example.test"

# line 5: A
share["2"] := {"rule": "A", "line": 5, "ask": false, "obligations": [], "misses": []}
shares.thing[""]["play"] contains "2" if caller_email == "bob@example.test"

# line 6: C
share["3"] := {"rule": "C", "line": 6, "ask": false, "obligations": [], "misses": expired_1}
shares.thing["guitar-0042"]["play"] contains "3" if caller_email == "bob@example.test"

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][input.scope]
matching contains key if some key in shares.thing[""][input.scope]

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

