# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: A
share["1"] := {"rule": "A", "line": 3, "ask": false, "obligations": [], "misses": []}
shares.thing[""]["play"] contains "1" if caller_email == "bob@example.test"

# block and pause
stopped_things_1 if input.resource.key == "guitar-0042"
stops contains [1, {"code": "paused", "line": 8, "rule": "Repair"}] if stopped_things_1
stopped := reasons_to_stop(stops)

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[""][input.scope]

# what this policy reads of a request
well_formed if {
	is_string(input.resource.key)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
}

