# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# until 2026-12-31T00:00:00.000Z
expired_1 := [] if before("2026-12-31T00:00:00.000Z") else := ["expired"]

# line 3: Guests
share["1"] := {"rule": "Guests", "line": 3, "ask": false, "obligations": [], "misses": expired_1}
shares.thing["guitar-0042"]["play"] contains "1" if input.party.link == "Guests"

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
	is_text_or_null(input.party.link)
}

