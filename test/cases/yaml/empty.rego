# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# no shares
share := {}

# block and pause
stopped := []

# look-ups; "" stands for everything
matching := set()

# what this policy reads of a request
well_formed if {
	is_string(input.resource.key)
	is_string(input.scope)
	is_string(input.party.sub)
}

