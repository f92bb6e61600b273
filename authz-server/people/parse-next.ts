// Where to go after signing in: only a path of our own pages, never another site.

const DEFAULT_PATH = '/'

/** `next` if it is a plain path with an optional plain query; else the home page. An allow-list of characters: no backslash, control, colon or `//`. */
export function parseNext(next: string | undefined | null): string {
  if (next === undefined || next === null || next.length > 300) return DEFAULT_PATH
  return /^\/(?:[A-Za-z0-9_-][A-Za-z0-9_./-]*)?(?:\?[A-Za-z0-9_.=&~-]*)?$/.test(next) && !/\/\/|\/\.{1,2}(?:\/|\?|$)/.test(next) ? next : DEFAULT_PATH
}
