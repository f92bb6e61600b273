// The pages of owners, with their named steps: part of the table in routes.ts, kept here because all of them share the same steps.
import { POSTED_LIMITS } from '../policies/limits.ts'
import { renderPageFault } from './console/pages/fault.ts'
import { STYLE_PATH } from './console/style.ts'
import { showConfirmDevice, submitConfirmDevice, submitUndo } from './endpoints/pages/confirm-device.ts'
import { showDevices, submitRevocation } from './endpoints/pages/devices.ts'
import { showEnterCode, submitCode } from './endpoints/pages/enter-code.ts'
import { home } from './endpoints/pages/home.ts'
import { showInbox, submitApproval, submitDenial } from './endpoints/pages/inbox.ts'
import { showReset, submitReset } from './endpoints/pages/reset.ts'
import { showRules, submitRules } from './endpoints/pages/rules.ts'
import { showSignIn, submitSignIn } from './endpoints/pages/sign-in.ts'
import { showSignOut, submitSignOut } from './endpoints/pages/sign-out.ts'
import { styleSheet } from './endpoints/pages/style-sheet.ts'
import type { Endpoint, Step } from './http/exchange.ts'
import { checkFormToken } from './steps/check-form-token.ts'
import { checkSameOrigin } from './steps/check-same-origin.ts'
import { pageHeaders } from './steps/page-headers.ts'
import { parsePageForm } from './steps/parse-page-form.ts'
import { findSession, requireSession, requireSessionOr } from './steps/require-session.ts'

/** A page for everyone. */
const PUBLIC: readonly Step[] = [pageHeaders, findSession]
/** A page for people who are signed in. */
const VIEW: readonly Step[] = [pageHeaders, requireSession]
/** A form that changes something: signed in, from our own page, with the token of this session. */
const CHANGE: readonly Step[] = [pageHeaders, checkSameOrigin, requireSession, parsePageForm, checkFormToken]
/** Signing out twice is not an error: the page says that the browser is signed out. */
const SIGN_OUT: readonly Step[] = [pageHeaders, checkSameOrigin, requireSessionOr('signed_out_before'), parsePageForm, checkFormToken]
/** The sign-in form needs no session; its handler checks the token of the form's own cookie. */
const SIGN_IN: readonly Step[] = [pageHeaders, checkSameOrigin, findSession, parsePageForm]

/** A person without a session, who holds a one-time link; its handler checks the token in the form. */
const RESET: readonly Step[] = [pageHeaders, checkSameOrigin, parsePageForm]

/** A policy text as a form: each byte may take three characters. */
const RULES_FORM_MAX_BYTES = 3 * POSTED_LIMITS.textBytes + 4096

const PAGES: readonly Endpoint[] = [
  { method: 'GET', path: STYLE_PATH, steps: [pageHeaders], handle: styleSheet },
  { method: 'GET', path: '/signin', steps: PUBLIC, handle: showSignIn },
  { method: 'POST', path: '/signin', steps: SIGN_IN, handle: submitSignIn },
  { method: 'GET', path: '/signout', steps: VIEW, handle: showSignOut },
  { method: 'POST', path: '/signout', steps: SIGN_OUT, handle: submitSignOut },
  { method: 'GET', path: '/reset', steps: [pageHeaders], handle: showReset },
  { method: 'POST', path: '/reset', steps: RESET, handle: submitReset },
  { method: 'GET', path: '/', steps: VIEW, handle: home },
  { method: 'GET', path: '/device', steps: VIEW, handle: showEnterCode },
  { method: 'POST', path: '/device', steps: CHANGE, handle: submitCode },
  { method: 'GET', path: '/device/confirm', steps: VIEW, handle: showConfirmDevice },
  { method: 'POST', path: '/device/confirm', steps: CHANGE, handle: submitConfirmDevice },
  { method: 'POST', path: '/device/undo', steps: CHANGE, handle: submitUndo },
  { method: 'GET', path: '/devices', steps: VIEW, handle: showDevices },
  { method: 'POST', path: '/devices/revoke', steps: CHANGE, handle: submitRevocation },
  { method: 'GET', path: '/rules', steps: VIEW, handle: showRules },
  { method: 'POST', path: '/rules', bodyMaxBytes: RULES_FORM_MAX_BYTES, steps: CHANGE, handle: submitRules },
  { method: 'GET', path: '/inbox', steps: VIEW, handle: showInbox },
  { method: 'POST', path: '/inbox/approve', steps: CHANGE, handle: submitApproval },
  { method: 'POST', path: '/inbox/deny', steps: CHANGE, handle: submitDenial },
]

export const PAGE_ENDPOINTS: readonly Endpoint[] = PAGES.map((endpoint) => ({ ...endpoint, renderFault: renderPageFault }))
