// Who is signed in on a page, as the session step found it. Data only.

export interface SignedIn {
  readonly personId: string
  readonly email: string
  readonly displayName: string
  /** Must come back with every form of this session. */
  readonly csrfToken: string
}
