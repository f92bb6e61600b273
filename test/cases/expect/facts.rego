# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# for the purpose rehearsal
not_for_this_purpose_1 := [] if one_of(input.request.purpose, {"rehearsal"}) else := ["not_for_this_purpose"]

# while its state is active
not_in_this_state_1 := [] if one_of(input.resource.state, {"active"}) else := ["not_in_this_state"]

# while mode is party
not_with_these_attributes_1 := [] if attributes_fit({"mode":{"one_of":["party"]}}) else := ["not_with_these_attributes"]

# with the app app-7
not_with_this_app_1 := [] if one_of(input.party.client_id, {"app-7"}) else := ["not_with_this_app"]

# with the proof mtls
proof_too_weak_1 := [] if one_of(input.proof.method, {"mtls"}) else := ["proof_too_weak"]

# after a sign-in of class phr
sign_in_too_weak_1 := [] if one_of(input.party.acr, {"phr"}) else := ["sign_in_too_weak"]

# line 3: A
share["1"] := {"rule": "A", "line": 3, "ask": false, "obligations": [], "misses": array.concat(array.concat(array.concat(array.concat(array.concat(not_for_this_purpose_1, not_in_this_state_1), not_with_these_attributes_1), not_with_this_app_1), proof_too_weak_1), sign_in_too_weak_1)}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email == "bob@example.test"

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][input.scope]

# what this policy reads of a request
well_formed if {
	is_text_or_null(input.request.purpose)
	is_string(input.resource.key)
	is_text_or_null(input.resource.state)
	is_object(input.resource.attributes)
	is_string(input.scope)
	is_string(input.party.sub)
	is_string(input.party.client_id)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
	is_text_or_null(input.party.acr)
	is_text_or_null(input.proof.method)
}

