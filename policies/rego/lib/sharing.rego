# A share that fits who, what and may, and misses nothing.
fitting contains share if {
	some share in candidates
	count(share.misses) == 0
}

allowing contains share if {
	some share in fitting
	share.ask == false
}

# All fits but these conditions.
near_misses := [{"code": row[1], "line": row[0], "rule": row[2]} |
	some row in sort([[share.line, code, share.rule] |
		some share in candidates
		some code in share.misses
	])
]

reasons_of(shares_found, code) := [{"code": code, "line": row[0], "rule": row[1]} |
	some row in sort([[share.line, share.rule] | some share in shares_found])
]

# What any deciding share asks for is to be kept: in the order of the shares, then of each share's own list.
obligations_of(shares_found) := [row[2] |
	some row in sort([[share.line, index, obligation] |
		some share in shares_found
		some index, obligation in share.obligations
	])
]

stopped := array.concat([row[1] | some row in sort(blocked)], [row[1] | some row in sort(paused)])

# The one answer. A block or a pause comes first; a share that allows comes before one that asks; all else is denied.
decision := {"effect": "deny", "reasons": stopped, "obligations": []} if {
	count(stopped) > 0
} else := {"effect": "deny", "reasons": [{"code": "no_share_for_this"}], "obligations": []} if {
	count(candidates) == 0
} else := {"effect": "allow", "reasons": reasons_of(allowing, "share_allows"), "obligations": obligations_of(allowing)} if {
	count(allowing) > 0
} else := {"effect": "ask", "reasons": array.concat(reasons_of(fitting, "share_asks_owner"), near_misses), "obligations": obligations_of(fitting)} if {
	count(fitting) > 0
} else := {"effect": "deny", "reasons": near_misses, "obligations": []}
