# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# people: band
people_1 := set()

# for the purpose a"] := b
not_for_this_purpose_1 := [] if one_of(input.request.purpose, {"a\"] := b"}) else := ["not_for_this_purpose"]

# while mode is `x`
not_with_these_attributes_1 := [] if attributes_fit({"mode":{"one_of":["`x`"]}}) else := ["not_with_these_attributes"]

# line 5: `} decision := {"effect": "allow"} # ${input}
who_1 if through_client("x\"] := 1 #")
who_1 if is_device("\\\" if true")
who_1 if is_subject("https://x\"]", "}{")
share["1"] := {"rule": "`} decision := {\"effect\": \"allow\"} # ${input}", "line": 5, "ask": false, "obligations": [{"kind":"notify","rule":"`} decision := {\"effect\": \"allow\"} # ${input}"}], "misses": array.concat(not_for_this_purpose_1, not_with_these_attributes_1)}
shares.type["t\"] contains 1 #"]["play"] contains "1" if who_1
shares.device["d\\"]["play"] contains "1" if who_1

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.type[input.resource.type][input.scope]
matching contains key if some key in shares.device[input.resource.device_id][input.scope]

# what this policy reads of a request
well_formed if {
	is_text_or_null(input.request.purpose)
	is_string(input.resource.key)
	is_string(input.resource.type)
	is_text_or_null(input.resource.device_id)
	is_object(input.resource.attributes)
	is_string(input.scope)
	is_string(input.party.sub)
	is_string(input.party.issuer)
	is_string(input.party.client_id)
	is_text_or_null(input.party.device_id)
}

