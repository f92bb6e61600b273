// What came of a pairing: connected, stopped, or reported. Links to undoing it.
import { foreignName, html } from '../html.ts'
import type { Page } from '../layout.ts'
import { listInWords } from '../words.ts'

export interface ConnectedFacts {
  readonly isDevice: boolean
  readonly name: string
  readonly scopes: readonly string[]
}

export function connectedPage({ isDevice, name, scopes }: ConnectedFacts): Page {
  return {
    title: 'Connected',
    section: 'device',
    width: 'narrow',
    body: isDevice
      ? html`<div class="notice good" role="status"><p>${foreignName(name)} is yours now. It notices within a few seconds.</p></div>
<p>It may ${listInWords(scopes)} in your name. Nobody else may use it: you share it in <a href="/rules">my rules</a>.</p>
<p>Not what you wanted? <a href="/devices">Revoke it</a>.</p>`
      : html`<div class="notice good" role="status"><p>${foreignName(name)} may speak for you now. It notices within a few seconds.</p></div>
<p>It can ask owners for access in your name. What they answer is up to them.</p>`,
  }
}

export function stoppedPage(wasSent: boolean): Page {
  return {
    title: 'Stopped',
    section: 'device',
    width: 'narrow',
    body: html`<div class="notice good" role="status"><p>Nothing was connected, and the code is worthless now.</p></div>
${wasSent && html`<p>Thank you for saying so. Whoever sent you the code wanted to connect their own device to your account. Never type a code that came in a message; a real device shows it to you itself.</p>`}
<p><a href="/">To the start page</a></p>`,
  }
}

/** Somebody else's device, or one that the operator has to look at. */
export function takenPage(): Page {
  return {
    title: 'It cannot be connected',
    section: 'device',
    width: 'narrow',
    body: html`<div class="notice bad" role="alert"><p>This device belongs to somebody else, or it is not released for use. Nothing was connected.</p></div>
<p>If you bought it used, ask the one before you to revoke it under "My devices".</p>`,
  }
}
