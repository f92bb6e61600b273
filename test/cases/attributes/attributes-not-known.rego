# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# while mode is party
not_with_these_attributes_1 := [] if attributes_fit({"mode":{"one_of":["party"]}}) else := ["not_with_these_attributes"]

# while battery is at least 20
not_with_these_attributes_2 := [] if attributes_fit({"battery":{"range":{"at_least":20}}}) else := ["not_with_these_attributes"]

# while heat is at most 80 and mode is party or quiet
not_with_these_attributes_3 := [] if attributes_fit({"heat":{"range":{"at_most":80}},"mode":{"one_of":["party","quiet"]}}) else := ["not_with_these_attributes"]

# line 3: Party
share["1"] := {"rule": "Party", "line": 3, "ask": false, "obligations": [], "misses": not_with_these_attributes_1}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email == "bob@example.test"

# line 4: Charged
share["2"] := {"rule": "Charged", "line": 4, "ask": false, "obligations": [], "misses": not_with_these_attributes_2}
shares.thing["amp-1"]["play"] contains "2" if caller_email == "bob@example.test"

# line 5: Cool
share["3"] := {"rule": "Cool", "line": 5, "ask": false, "obligations": [], "misses": not_with_these_attributes_3}
shares.thing["amp-2"]["play"] contains "3" if caller_email == "bob@example.test"

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][input.scope]

# what this policy reads of a request
well_formed if {
	is_string(input.resource.key)
	is_object(input.resource.attributes)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
}

