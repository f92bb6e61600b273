// The pages of owners, with their named steps: part of the table in routes.ts, kept here because all of them share the same steps.
import { POSTED_LIMITS } from '../policies/limits.ts'
import { renderPageFault } from './console/pages/fault.ts'
import { STYLE_PATH } from './console/style.ts'
import { showConfirmDevice, submitConfirmDevice } from './endpoints/pages/confirm-device.ts'
import { showDevices, submitRevocation } from './endpoints/pages/devices.ts'
import { showEnterCode, submitCode } from './endpoints/pages/enter-code.ts'
import { home } from './endpoints/pages/home.ts'
import { showInbox, submitApproval, submitDenial } from './endpoints/pages/inbox.ts'
import { showRules, submitRules } from './endpoints/pages/rules.ts'
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

/** A policy text as a form: each byte may take three characters. */
const RULES_FORM_MAX_BYTES = 3 * POSTED_LIMITS.textBytes + 4096

const PAGES: readonly Endpoint[] = [
  { method: 'GET', path: STYLE_PATH, steps: [pageHeaders], handle: styleSheet },
  { method: 'GET', path: '/signin', steps: PUBLIC, handle: showSignIn },
  { method: 'POST', path: '/signin', steps: SIGN_IN, handle: submitSignIn },
  { method: 'GET', path: '/signout', steps: VIEW, handle: showSignOut },
  { method: 'POST', path: '/signout', steps: CHANGE, handle: submitSignOut },
  { method: 'GET', path: '/', steps: VIEW, handle: home },
  { method: 'GET', path: '/device', steps: VIEW, handle: showEnterCode },
  { method: 'POST', path: '/device', steps: CHANGE, handle: submitCode },
  { method: 'GET', path: '/device/confirm', steps: VIEW, handle: showConfirmDevice },
  { method: 'POST', path: '/device/confirm', steps: CHANGE, handle: submitConfirmDevice },
  { method: 'GET', path: '/devices', steps: VIEW, handle: showDevices },
  { method: 'POST', path: '/devices/revoke', steps: CHANGE, handle: submitRevocation },
  { method: 'GET', path: '/rules', steps: VIEW, handle: showRules },
  { method: 'POST', path: '/rules', bodyMaxBytes: RULES_FORM_MAX_BYTES, steps: CHANGE, handle: submitRules },
  { method: 'GET', path: '/inbox', steps: VIEW, handle: showInbox },
  { method: 'POST', path: '/inbox/approve', steps: CHANGE, handle: submitApproval },
  { method: 'POST', path: '/inbox/deny', steps: CHANGE, handle: submitDenial },
]

export const PAGE_ENDPOINTS: readonly Endpoint[] = PAGES.map((endpoint) => ({ ...endpoint, renderFault: renderPageFault }))
