// The owner's devices and what they brought, with the one place to end a device that is lost, stolen or sold.
import { formToken } from '../form-token-field.ts'
import { foreignName, type Html, html } from '../html.ts'
import type { Page } from '../layout.ts'

export interface DeviceFacts {
  readonly id: string
  readonly kind: string
  readonly model: string
  readonly fingerprintWords: readonly string[]
  readonly things: readonly { readonly key: string; readonly name: string; readonly scopes: readonly string[] }[]
  readonly since: string
}

export interface LostDeviceFacts {
  readonly id: string
  readonly model: string
  readonly revokedBy: 'owner' | 'operator'
  readonly revokedAt: string
  /** The operator lets it be connected again, to any account. */
  readonly released?: { readonly at: string; readonly reason: string }
}

export interface DevicesFacts {
  readonly session: { readonly csrfToken: string }
  readonly devices: readonly DeviceFacts[]
  /** Devices that were revoked while they were this person's. */
  readonly lost: readonly LostDeviceFacts[]
  readonly justRevoked: boolean
}

export function devicesPage({ session, devices, lost, justRevoked }: DevicesFacts): Page {
  return {
    title: 'My devices',
    section: 'devices',
    body: html`${justRevoked && html`<div class="notice good" role="status"><p>Revoked. From now on, it can no longer do anything in your name.</p></div>`}
${devices.length === 0 && html`<div class="card"><p>No device is connected. When a device shows you a code, <a href="/device">type it in here</a>.</p></div>`}
<ul class="cards">${devices.map((device) => renderDevice(device, session))}</ul>
${lost.length > 0 && html`<h2>Devices that were yours</h2><ul class="card">${lost.map(renderLost)}</ul>`}`,
  }
}

function renderLost({ id, model, revokedBy, revokedAt, released }: LostDeviceFacts): Html {
  const state = revokedBy === 'owner' ? `revoked by you on ${revokedAt}` : `revoked by the operator on ${revokedAt}`
  return html`<li>${foreignName(model)} <code>${foreignName(id)}</code>: ${state}${released && html`. <strong>The operator released it on ${released.at}</strong>, so it can be connected to any account. Reason given: ${foreignName(released.reason)}`}</li>`
}

function renderDevice(device: DeviceFacts, session: { readonly csrfToken: string }): Html {
  return html`<li class="card">
<h2>${foreignName(device.model)}</h2>
<dl class="facts">
<dt>Kind</dt><dd>${foreignName(device.kind)}</dd>
<dt>Identifier</dt><dd><code>${foreignName(device.id)}</code></dd>
<dt>Key in words</dt><dd>${device.fingerprintWords.join(' ')}</dd>
<dt>Connected since</dt><dd>${device.since}</dd>
${device.things.map((thing) => html`<dt>Thing</dt><dd>${foreignName(thing.name)}, in rules <code>${thing.key}</code>: ${thing.scopes.join(', ')}</dd>`)}
</dl>
${renderRevoke(device, session)}
</li>`
}

/** Opening it is the first step, the button inside the second: one press ends nothing. */
function renderRevoke(device: DeviceFacts, session: { readonly csrfToken: string }): Html {
  return html`<details><summary>Lost, stolen or sold? Revoke it</summary>
<form method="post" action="/devices/revoke">
${formToken(session)}
<input type="hidden" name="device_id" value="${device.id}">
<p>It will no longer be able to do anything in your name, immediately and everywhere. Before it can be used again, the operator must release it with a reason, which you will see here. Then it can be connected to any account.</p>
<button class="danger sure">Yes, revoke this device</button>
</form></details>`
}
