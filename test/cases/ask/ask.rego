# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: Repair
share["1"] := {"rule": "Repair", "line": 3, "ask": "once", "obligations": [{"kind":"hide","paths":["$.owner"],"other_answers":"refuse"}], "misses": []}
shares.thing["guitar-0042"]["diagnose"] contains "1" if signed_in(input.party.sub)

# line 9: Bob repairs
share["2"] := {"rule": "Bob repairs", "line": 9, "ask": false, "obligations": [], "misses": []}
shares.thing["guitar-0042"]["diagnose"] contains "2" if caller_email == "bob@example.test"

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][input.scope]

# what this policy reads of a request
well_formed if {
	is_string(input.resource.key)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
}

