// What asks to be connected, in every detail that helps to tell one's own device from a stranger's (RFC 8628 section 5.4). Only its form decides.

import type { NetworkComparison } from '../../people/compare-networks.ts'
import { formToken } from '../form-token-field.ts'
import { foreignName, type Html, html } from '../html.ts'
import type { Page } from '../layout.ts'
import { listInWords } from '../words.ts'

export type Asking =
  | { readonly kind: 'device'; readonly deviceKind: string; readonly model: string; readonly idTail: string; readonly things: readonly string[] }
  | { readonly kind: 'app'; readonly name: string }

export interface ConfirmFacts {
  readonly session: { readonly csrfToken: string }
  /** Names the pairing to this session alone. */
  readonly pairing: string
  readonly userCode: string
  readonly asking: Asking
  readonly scopes: readonly string[]
  /** Undefined: the app has not proved a key yet. */
  readonly fingerprintWords: readonly string[] | undefined
  readonly network: NetworkComparison
  readonly address: string
  readonly askedAgo: string
}

export function confirmDevicePage(facts: ConfirmFacts): Page {
  const { asking } = facts
  const isDevice = asking.kind === 'device'
  return {
    title: isDevice ? 'Is this device in front of you?' : 'Do you use this app?',
    section: 'device',
    body: html`<div class="card">
<dl class="facts">
${isDevice ? renderDevice(asking) : html`<dt>App</dt><dd>${foreignName(asking.name)}</dd>`}
<dt>Code</dt><dd><span class="code-text">${facts.userCode}</span></dd>
<dt>Asked</dt><dd>${facts.askedAgo}</dd>
<dt>From</dt><dd>${describeNetwork(facts)}</dd>
<dt>It will be able to</dt><dd>${describeScopes(facts)}</dd>
</dl>
${renderKey(facts)}
</div>
${facts.network === 'other' && html`<div class="notice note"><p>It is asking from another network. If it is next to you and uses your network, something is wrong: say no.</p></div>`}
<form class="card" method="post" action="/device/confirm">
${formToken(facts.session)}
<input type="hidden" name="pairing" value="${facts.pairing}">
<p><strong>Connect it only if you started this yourself and ${facts.fingerprintWords === undefined ? 'the code is' : 'code and words are'} the same on both screens.</strong></p>
<div class="actions">
<button name="decision" value="approve">${isDevice ? 'Yes, connect it' : 'Yes, let it act for me'}</button>
<button class="danger" name="decision" value="deny">No, stop it</button>
<button class="danger" name="decision" value="deny_sent">Someone sent me this code</button>
</div>
</form>`,
  }
}

function renderKey({ asking, fingerprintWords }: ConfirmFacts): Html {
  if (fingerprintWords === undefined)
    return html`<h2>Its key</h2>
<p class="hint">This app has not proved that it has a key yet, so there are no words to compare. Only the code distinguishes it from other apps.</p>`
  return html`<h2>Its key, in words</h2>
<p class="hint">${asking.kind === 'device' ? 'The device' : 'The app'} shows the same four words. Compare them.</p>
<ol class="words">${fingerprintWords.map((word) => html`<li>${word}</li>`)}</ol>`
}

function renderDevice(device: Extract<Asking, { kind: 'device' }>): Html {
  return html`<dt>Kind</dt><dd>${foreignName(device.deviceKind)}</dd>
<dt>Model</dt><dd>${foreignName(device.model)}</dd>
<dt>Identifier ends in</dt><dd><span class="code-text">${device.idTail}</span></dd>`
}

function describeNetwork({ network, address }: ConfirmFacts): string {
  switch (network) {
    case 'same':
      return 'the same network as this browser'
    case 'other':
      return `a different network than this browser (${address})`
    case 'unknown':
      return 'unknown: this server cannot tell which network a request comes from'
  }
}

function describeScopes({ asking, scopes }: ConfirmFacts): string {
  if (asking.kind === 'app') return 'tell others that it acts for you, with your e-mail address'
  const things = asking.things.length === 0 ? 'its own things' : listInWords(asking.things)
  return `${listInWords(scopes)}, in your name, for ${things}`
}
