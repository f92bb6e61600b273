// E-mail addresses as account names: trimmed and in lower case. Says nothing about whether mail arrives.
import { isAccountAddress } from '../../policies/model/address.ts'

/** undefined for what is no address of one mailbox in printable ASCII; the same reading as in sharing rules. */
export function parseEmail(text: string): string | undefined {
  const email = text.trim()
  // Before the letters are made small: the Kelvin sign would become a k, and so somebody else's address.
  return isAccountAddress(email) ? email.toLowerCase() : undefined
}
