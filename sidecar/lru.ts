// A bounded map that forgets what was used longest ago. Not for what must not be forgotten.

export interface Lru<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  clear(): void
  readonly size: () => number
}

/** Two generations: a full young one becomes the old one. Costs one map look-up when warm; holds at most `maxEntries`. */
export function createLru<V>(maxEntries: number): Lru<V> {
  const half = Math.max(1, Math.floor(maxEntries / 2))
  let young = new Map<string, V>()
  let old = new Map<string, V>()

  function set(key: string, value: V): void {
    if (young.size >= half && !young.has(key)) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }

  return {
    get(key) {
      const fresh = young.get(key)
      if (fresh !== undefined) return fresh
      const aged = old.get(key)
      if (aged !== undefined) {
        old.delete(key)
        set(key, aged)
      }
      return aged
    },
    set,
    clear() {
      young = new Map()
      old = new Map()
    },
    size: () => young.size + old.size,
  }
}
