// The state of a pairing after its answer: connected, refused, undone or taken. Says what is so, however often and in whatever order the buttons were pressed.
import { formToken } from '../form-token-field.ts'
import { foreignName, type Html, html } from '../html.ts'
import type { Page } from '../layout.ts'
import { listInWords } from '../words.ts'

export interface ConnectedFacts {
  readonly isDevice: boolean
  readonly name: string
  readonly scopes: readonly string[]
  /** The answer was given before, and this request changed nothing. */
  readonly before?: 'same_answer' | 'other_answer'
  /** How to take it back; absent where only a revocation ends it. */
  readonly undo?: { readonly session: { readonly csrfToken: string }; readonly pairing: string } | undefined
}

export function connectedPage(facts: ConnectedFacts): Page {
  const { isDevice, name, scopes } = facts
  return {
    title: facts.before === 'other_answer' ? 'Already connected' : 'Connected',
    section: 'device',
    width: 'narrow',
    body: html`${renderState(facts)}
${
  isDevice
    ? html`<p>It may ${listInWords(scopes)} in your name. Nobody else may use it unless you share it in <a href="/rules">My rules</a>.</p>`
    : html`<p>${foreignName(name)} can ask owners for access in your name. They decide.</p>`
}
${renderUndo(facts)}`,
  }
}

function renderState({ isDevice, name, before }: ConnectedFacts): Html {
  const state = isDevice ? html`${foreignName(name)} is yours.` : html`${foreignName(name)} may act in your name.`
  if (before === 'other_answer')
    return html`<div class="notice note" role="status"><p>You said yes before, so it is connected: ${state} Your "no" came later and did not change anything.</p></div>`
  if (before === 'same_answer') return html`<div class="notice good" role="status"><p>You said yes before. ${state}</p></div>`
  return html`<div class="notice good" role="status"><p>${state} It notices within a few seconds.</p></div>`
}

function renderUndo({ isDevice, undo }: ConnectedFacts): Html | undefined {
  if (undo === undefined) return html`<p>Not what you wanted? Revoke it in <a href="/devices">My devices</a>.</p>`
  return html`<form method="post" action="/device/undo">
${formToken(undo.session)}
<input type="hidden" name="pairing" value="${undo.pairing}">
<p>Not what you wanted? ${isDevice ? 'Undo it: the device is free again and can do nothing in your name.' : 'Undo it: the app can do nothing more in your name.'}</p>
<div class="actions"><button class="danger">Undo, disconnect it</button></div>
</form>`
}

export interface StoppedFacts {
  readonly wasSent: boolean
  /** What the person asked for now, although they had said no before. */
  readonly before?: 'same_answer' | 'other_answer'
}

export function stoppedPage({ wasSent, before }: StoppedFacts): Page {
  return {
    title: 'Stopped',
    section: 'device',
    width: 'narrow',
    body: html`<div class="notice ${before === 'other_answer' ? 'note' : 'good'}" role="status"><p>${describeStopped(before)}</p></div>
${wasSent && html`<p>Thank you for reporting it. The sender wanted to connect their own device to your account. Never enter a code that you got in a message. A real device shows its code itself.</p>`}
<p><a href="/">Start page</a></p>`,
  }
}

function describeStopped(before: StoppedFacts['before']): string {
  if (before === 'other_answer') return 'You said no before, so nothing was connected. To connect it after all, let the device show a new code and enter it.'
  if (before === 'same_answer') return 'You said no before. Nothing was connected, and the code no longer works.'
  return 'Nothing was connected, and the code no longer works.'
}

export function undonePage(name: string): Page {
  return {
    title: 'Disconnected',
    section: 'device',
    width: 'narrow',
    body: html`<div class="notice good" role="status"><p>${foreignName(name)} is no longer connected to your account.</p></div>
<p>To connect it again, have it show a new code and <a href="/device">enter that code</a>.</p>`,
  }
}

/** Another person's device, or one that the operator has to look at. */
export function takenPage(): Page {
  return {
    title: 'It cannot be connected',
    section: 'device',
    width: 'narrow',
    body: html`<div class="notice bad" role="alert"><p>This device belongs to another account, or it has not been released for use. Nothing was connected.</p></div>
<p>If you bought it used, ask its former owner to revoke it under "My devices", and the seller or operator to release it.</p>`,
  }
}

export function answeredByAnotherPage(): Page {
  return {
    title: 'Another account answered this code',
    section: 'device',
    width: 'narrow',
    body: html`<div class="notice note" role="status"><p>Someone who is signed in to another account answered this code before you did. Your answer changed nothing.</p></div>
<p>If the device is yours, have it show a new code and <a href="/device">enter that code</a>.</p>`,
  }
}
