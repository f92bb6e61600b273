// The words of the language that stand for more than themselves.

/** In `what` and `may`. */
export const EVERYTHING = 'everything'
/** In `who`: any party that has shown who it is. */
export const ANYONE_SIGNED_IN = 'anyone-signed-in'
/** In `who`: whoever opened the link of the share. */
export const ANYONE_WITH_LINK = 'anyone-with-link'
