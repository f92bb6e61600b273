# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates := set()

