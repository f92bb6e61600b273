// E-mail addresses as account names: trimmed and in lower case. Says nothing about whether mail arrives.

const EMAIL_MAX_CHARACTERS = 254

/** undefined for what is no address of one mailbox in printable ASCII; the same reading as in sharing rules. */
export function parseEmail(text: string): string | undefined {
  const email = text.trim().toLowerCase()
  return email.length <= EMAIL_MAX_CHARACTERS && /^[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(email) ? email : undefined
}
