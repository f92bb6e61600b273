// What every page has around it: title, skip link, navigation for who is signed in, style sheet. No script, none at all.
import type { SignedIn } from '../people/signed-in.ts'
import { formToken } from './form-token-field.ts'
import { foreignName, Html, type HtmlValue, html } from './html.ts'
import { STYLE_PATH } from './style.ts'

export type Section = 'home' | 'device' | 'devices' | 'rules' | 'inbox'

export interface Page {
  readonly title: string
  readonly section?: Section
  readonly width?: 'narrow' | 'wide'
  readonly body: HtmlValue
}

/** Who looks at the page, and how many requests wait for their answer. */
export interface Viewer {
  readonly signedIn: SignedIn
  readonly waiting: number
}

const SECTIONS: readonly { readonly section: Section; readonly path: string; readonly label: string }[] = [
  { section: 'device', path: '/device', label: 'Connect a device' },
  { section: 'devices', path: '/devices', label: 'My devices' },
  { section: 'rules', path: '/rules', label: 'My rules' },
  { section: 'inbox', path: '/inbox', label: 'Requests' },
]

/** A key: our own drawing. */
const KEY_SHAPE = 'M14.5 2a7.5 7.5 0 0 0-7.2 9.6L2 16.9V22h5v-3h3v-3h2.2l.9-1A7.5 7.5 0 1 0 14.5 2Zm2 3.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z'
const ICON = `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#2a9d8f" d="${KEY_SHAPE}"/></svg>`)}`

/** The whole document as text. */
export function renderPage(page: Page, viewer: Viewer | undefined): string {
  const count = viewer !== undefined && viewer.waiting > 0 ? `(${viewer.waiting}) ` : ''
  return html`${new Html('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${count}${page.title} - Latchkey</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${STYLE_PATH}">
</head>
<body${page.width === 'wide' && html` class="wide"`}>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><div class="bar">
<a class="brand" href="/"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="${KEY_SHAPE}"/></svg>Latchkey</a>
${viewer && renderNavigation(page, viewer)}
</div></header>
<main id="main" tabindex="-1" class="${page.width === 'narrow' && 'narrow'}">
<h1>${page.title}</h1>
${page.body}
</main>
${viewer && renderFooter(viewer)}
</body>
</html>
`.toString()
}

function renderNavigation(page: Page, { waiting }: Viewer): Html {
  const items = SECTIONS.map(({ section, path, label }) => {
    const badge = section === 'inbox' && waiting > 0 && html`<span class="count" aria-label="${waiting} waiting">${waiting}</span>`
    return section === page.section
      ? html`<li><a href="${path}" aria-current="page">${label}${badge}</a></li>`
      : html`<li><a href="${path}">${label}${badge}</a></li>`
  })
  return html`<nav aria-label="Pages"><ul>${items}</ul></nav>`
}

function renderFooter({ signedIn }: Viewer): Html {
  return html`<footer><p>Signed in as ${foreignName(signedIn.displayName)}, ${signedIn.email}</p>
<form method="post" action="/signout">${formToken(signedIn)}<button class="second">Sign out</button></form></footer>`
}
