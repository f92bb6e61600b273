# The shares that fit in who, what and may, in the order of the document.
candidates := [share[key] | some key in sort(matching)]

fitting := [one | some one in candidates; one.misses == []]

allowing := [one | some one in fitting; one.ask == false]

# All fits but these conditions.
near_misses := [{"code": code, "line": one.line, "rule": one.rule} | some one in candidates; some code in one.misses]

reasons_of(shares, code) := [{"code": code, "line": one.line, "rule": one.rule} | some one in shares]

# What any deciding share asks for is to be kept, in the order of the shares.
obligations_of(shares) := [obligation | some one in shares; some obligation in one.obligations]

reasons_to_stop(rows) := [row[1] | some row in sort(rows)]

# One share that asks each time is enough: no approval lasts longer than each of these shares says.
asks_each_time if {
	some one in fitting
	one.ask == "each_time"
}

decision := answer if well_formed

# The one answer. A block or a pause comes first; a share that allows comes before one that asks; all else is denied.
answer := {"effect": "deny", "reasons": stopped, "obligations": []} if {
	stopped != []
} else := {"effect": "allow", "reasons": reasons_of(allowing, "share_allows"), "obligations": obligations_of(allowing)} if {
	allowing != []
} else := {"effect": "ask", "ask": "each_time", "reasons": array.concat(reasons_of(fitting, "share_asks_owner"), near_misses), "obligations": obligations_of(fitting)} if {
	asks_each_time
} else := {"effect": "ask", "reasons": array.concat(reasons_of(fitting, "share_asks_owner"), near_misses), "obligations": obligations_of(fitting)} if {
	fitting != []
} else := {"effect": "deny", "reasons": near_misses, "obligations": []} if {
	near_misses != []
} else := {"effect": "deny", "reasons": [{"code": "no_share_for_this"}], "obligations": []}
