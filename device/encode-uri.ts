// The URI of a call as it goes onto the wire: what an application writes by hand, such as `é`, a space or a lone `%`, percent-encoded (RFC 3986 section 2.1).

/** Scheme and authority; then path, query and fragment. */
const PARTS = /^([a-z][a-z0-9+.-]*:\/\/[^/?#\\]*)(.*)$/is
/** Not followed by two hexadecimal digits: a percent sign that stands for itself. */
const LONE_PERCENT = /%(?![0-9a-f]{2})/gi
/** Characters that RFC 3986 does not allow in a path, and that the URL parser leaves as they are or takes for a slash. */
const LEFT_BY_THE_PARSER = /[\\^|[\]]/g

/**
 * Percent-encodes what a URI may not hold. What is encoded already stays as it is, so the result can be given again. The fragment,
 * which is never sent, is removed. A proof names exactly this URI.
 *
 * @example encodeUri('https://api.example.com/café au lait/100%') // 'https://api.example.com/caf%C3%A9%20au%20lait/100%25'
 * @param uri an absolute URI; anything else is returned unchanged, for the caller to refuse
 */
export function encodeUri(uri: string): string {
  const [, origin, rest] = PARTS.exec(uri.trim()) ?? []
  if (origin === undefined || rest === undefined) return uri
  const [, path = '', query = ''] = /^([^?#]*)([^#]*)/.exec(rest.replace(LONE_PERCENT, '%25')) ?? []
  const encoded = origin + path.replace(LEFT_BY_THE_PARSER, encodeURIComponent) + query.replace(/[\\^|]/g, encodeURIComponent)
  return URL.canParse(encoded) ? new URL(encoded).href : uri
}
