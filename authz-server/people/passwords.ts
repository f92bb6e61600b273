// Passwords as argon2id hashes. Checking an unknown account costs the same as checking a known one, so that time tells nothing.
import { hash, type Options, verify } from '@node-rs/argon2'

/** OWASP's smallest recommended setting of argon2id, the library's default algorithm: 19 MiB, two passes, one lane. About 30 ms. */
const OPTIONS: Options = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 }

/** NIST SP 800-63B section 3.1.1.2 asks for at least 8, and to take at least 64. */
export const PASSWORD_MIN_CHARACTERS = 10
export const PASSWORD_MAX_CHARACTERS = 200

export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFC'), OPTIONS)
}

/** A hash of the same cost that no password is known for. */
let decoy: Promise<string> | undefined

/** False for an absent hash too, in the same time. */
export async function isPassword(password: string, storedHash: string | undefined): Promise<boolean> {
  if (password.length > PASSWORD_MAX_CHARACTERS) return false
  decoy ??= hashPassword('nobody signs in with this')
  const matches = await verify(storedHash ?? (await decoy), password.normalize('NFC'))
  return matches && storedHash !== undefined
}
