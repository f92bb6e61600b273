// The characters that an `error_description` may hold.

/** RFC 6749 section 5.2: printable ASCII without quotation marks and backslashes. */
export function toDescription(text: string): string {
  return text.replaceAll('"', "'").replaceAll(/[^\x20-\x7e]|\\/g, '?')
}
