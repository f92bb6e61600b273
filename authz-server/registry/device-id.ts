// The one form of a device identifier. MAC addresses are written in several ways, so all of them lead to the same device. Pure.

/** `AA:BB:CC:DD:EE:FF` or `AA-BB-...`, of six bytes (EUI-48) or eight (EUI-64); the separator is the same throughout. */
const PAIRS = /^[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?:(?:\1[0-9a-f]{2}){2})?$/i
/** `aabb.ccdd.eeff`, as network equipment prints it. */
const QUADS = /^[0-9a-f]{4}(?:\.[0-9a-f]{4}){2,3}$/i

/**
 * A MAC address in lower case with colons; any other identifier as it is. Twelve hexadecimal digits without a separator are not
 * taken for a MAC address: serial numbers look the same.
 */
export function canonicalDeviceId(id: string): string {
  if (!PAIRS.test(id) && !QUADS.test(id)) return id
  const digits = id.toLowerCase().replaceAll(/[^0-9a-f]/g, '')
  return digits.match(/../g)?.join(':') ?? id
}
