// The pages of owners, with their named steps: part of the table in routes.ts, kept here because all of them share the same steps.

import { STYLE_PATH } from './console/style.ts'
import { showSignIn, submitSignIn } from './endpoints/pages/sign-in.ts'
import { showSignOut, submitSignOut } from './endpoints/pages/sign-out.ts'
import { styleSheet } from './endpoints/pages/style-sheet.ts'
import type { Endpoint, Step } from './http/exchange.ts'
import { checkFormToken } from './steps/check-form-token.ts'
import { checkHost } from './steps/check-host.ts'
import { checkSameOrigin } from './steps/check-same-origin.ts'
import { pageHeaders } from './steps/page-headers.ts'
import { parsePageForm } from './steps/parse-page-form.ts'
import { findSession, requireSession } from './steps/require-session.ts'

/** A page for whoever comes. */
const PUBLIC: readonly Step[] = [pageHeaders, checkHost, findSession]
/** A page for who is signed in. */
const VIEW: readonly Step[] = [pageHeaders, checkHost, requireSession]
/** A form that changes something: signed in, from our own page, with the token of this session. */
const CHANGE: readonly Step[] = [pageHeaders, checkHost, checkSameOrigin, requireSession, parsePageForm, checkFormToken]
/** The sign-in form has no session yet; its handler checks the token of the form's own cookie. */
const SIGN_IN: readonly Step[] = [pageHeaders, checkHost, checkSameOrigin, parsePageForm]

export const PAGE_ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: STYLE_PATH, steps: [pageHeaders], handle: styleSheet },
  { method: 'GET', path: '/signin', steps: PUBLIC, handle: showSignIn },
  { method: 'POST', path: '/signin', steps: SIGN_IN, handle: submitSignIn },
  { method: 'GET', path: '/signout', steps: VIEW, handle: showSignOut },
  { method: 'POST', path: '/signout', steps: CHANGE, handle: submitSignOut },
]
