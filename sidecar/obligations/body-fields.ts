// Header fields that concern the body as the upstream has it: conditions and ranges of requests, descriptions in responses. None passes where the body is transformed.

/** Conditional requests (RFC 9110 section 13), WebDAV's `If`, and the many `If-*`, older spellings included. */
const CONDITION = /^(?:x-)?(?:if(?:-.*)?|unless-.*)$/
/** Range requests, differences (RFC 3229), and wishes for digests or signatures over the original body. */
const ASKS_FOR_PART = /^(?:x-)?(?:(?:.*-)?range(?:-.*)?|a-im|(?:want-.*|accept-)(?:digest|signature)|accept-encoding|x-content-range)$/
/** Positions in what a request sends or changes: without them it would be another request. */
const NAMES_A_RANGE = /(?:^|-)range(?:-|$)/
/** Length, position, hashes, versions, signatures, and links that may hold values (the cursor of the last item, say). */
const DESCRIPTION =
  /(?:^|-)(?:etag|digest|hash|checksum|md5|crc|crc32c?|sha|sha-?(?:1|224|256|384|512)|signature|signature-input)(?:-|$)|(?:^|-)(?:length|size|content-range)$|^(?:x-)?(?:accept-ranges|last-modified|link|content-location|im|delta-base|content-version)$/

/** Conditions and ranges, without which a request that changes something would do something else. `rawHeaders`: a flat list of names and values. */
export function hasCondition(rawHeaders: readonly string[]): boolean {
  return rawHeaders.some((name, index) => {
    if (index % 2 === 1) return false
    const normal = normalize(name.toLowerCase())
    return CONDITION.test(normal) || NAMES_A_RANGE.test(normal)
  })
}

/** Must not reach the upstream where its response is transformed. `name` in lower case. */
export function dependsOnBody(name: string): boolean {
  const normal = normalize(name)
  return CONDITION.test(normal) || ASKS_FOR_PART.test(normal)
}

/** Must not reach the caller where the response was transformed. `name` in lower case. */
export function describesBody(name: string): boolean {
  return DESCRIPTION.test(normalize(name))
}

/** Some servers take other separators for hyphens. */
function normalize(name: string): string {
  return name.replace(/[_.]/g, '-')
}
