// The rules of an owner who has written none: nothing is shared. Valid as it stands, so that it can be saved and added to.

export const EMPTY_RULES = `version: 1
shares: []
`
