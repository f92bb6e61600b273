// How an owner's text is called in diagnostics. There is no such file.

export const RULES_FILE = 'rules.yaml'
