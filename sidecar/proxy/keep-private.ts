// Takes from `Cache-Control` what lets a shared cache keep an answer that was given to one caller (RFC 9111 sections 3.5 and 5.2.2).

/** With these, or in their qualified form (`private="set-cookie"`), caches between us and callers may store the answer. */
const LETS_OTHERS_KEEP = new Set(['public', 's-maxage', 'must-revalidate', 'proxy-revalidate'])

/** The upstream's directives, always `private` or `no-store`. A value that says so already is left as it is. */
export function keepPrivate(cacheControl: string): string {
  const directives = cacheControl.split(/[,;]/).map((directive) => directive.trim())
  const names = directives.map(nameOf)
  const kept = directives.filter((directive, index) => directive !== '' && !LETS_OTHERS_KEEP.has(names[index] ?? '') && names[index] !== 'private')
  if (directives.some(isPrivate) && kept.length + directives.filter(isPrivateAlone).length === directives.length) return cacheControl
  return kept.some((directive) => directive.toLowerCase() === 'no-store') ? kept.join(', ') : ['private', ...kept].join(', ')
}

function nameOf(directive: string): string {
  return (directive.split('=', 1)[0] ?? '').trim().replaceAll('"', '').toLowerCase()
}

function isPrivateAlone(directive: string): boolean {
  return directive.toLowerCase() === 'private'
}

function isPrivate(directive: string): boolean {
  return isPrivateAlone(directive) || directive.toLowerCase() === 'no-store'
}
