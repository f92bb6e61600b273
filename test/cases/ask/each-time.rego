# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: Once
share["1"] := {"rule": "Once", "line": 3, "ask": "once", "obligations": [], "misses": []}
shares.thing["guitar-0042"]["play"] contains "1" if signed_in(input.party.sub)
shares.thing["guitar-0042"]["read"] contains "1" if signed_in(input.party.sub)

# line 4: Each
share["2"] := {"rule": "Each", "line": 4, "ask": "each_time", "obligations": [], "misses": []}
shares.thing["guitar-0042"]["play"] contains "2" if caller_email == "bob@example.test"

# line 5: Old
share["3"] := {"rule": "Old", "line": 5, "ask": "once", "obligations": [], "misses": []}
shares.thing["guitar-0042"]["tune"] contains "3" if caller_email == "carol@example.test"

# line 6: Dan
share["4"] := {"rule": "Dan", "line": 6, "ask": false, "obligations": [], "misses": []}
shares.thing["guitar-0042"]["play"] contains "4" if caller_email == "dan@example.test"

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

