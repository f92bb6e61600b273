// Compares two configurations by their top-level options. The order of keys does not matter, nor do the names of certificate files.

interface HasListener {
  readonly listen: { readonly tls?: object }
}

/** Names of the options that differ, sorted. */
export function listChangedOptions(before: HasListener, after: HasListener): readonly string[] {
  const one = comparable(before)
  const other = comparable(after)
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].filter((name) => one[name] !== other[name]).sort()
}

function comparable(config: HasListener): { readonly [option: string]: string } {
  const { listen, ...rest } = config
  const values = { ...rest, listen: { ...listen, tls: listen.tls !== undefined } }
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(sortKeys(value)) ?? '']))
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  )
}
