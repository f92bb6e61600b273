# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# people: constructor
people_1 := {"bob@example.test"}

# people: toString
people_2 := {"carol@example.test"}

# people: input.party.email
people_3 := {"dave@example.test"}

# line 7: constructor
share["1"] := {"rule": "constructor", "line": 7, "ask": false, "obligations": [], "misses": []}
shares.thing["guitar-0042"]["constructor"] contains "1" if caller_email in people_1

# line 11: Other
share["2"] := {"rule": "Other", "line": 11, "ask": false, "obligations": [], "misses": []}
shares.thing["toString"]["play"] contains "2" if caller_email in people_3

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

