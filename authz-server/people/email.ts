// E-mail addresses as account names: trimmed and in lower case. Says nothing about whether mail arrives.

const EMAIL_MAX_CHARACTERS = 254

/** undefined for what is no address of one mailbox in printable ASCII; the same reading as in sharing rules. */
export function parseEmail(text: string): string | undefined {
  const email = text.trim()
  // Before the letters are made small: the Kelvin sign would become a k, and so somebody else's address.
  const isPlain = email.length <= EMAIL_MAX_CHARACTERS && /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(email)
  return isPlain ? email.toLowerCase() : undefined
}
