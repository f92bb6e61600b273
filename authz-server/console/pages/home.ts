// The owner's start page: what waits for them, and the way to everything else.
import { html } from '../html.ts'
import type { Page } from '../layout.ts'
import { count } from '../words.ts'

export interface HomeFacts {
  readonly things: number
  readonly waiting: number
  readonly shares: number
}

export function homePage(facts: HomeFacts): Page {
  return {
    title: 'Your things, your rules',
    section: 'home',
    body: html`${facts.waiting > 0 && html`<div class="notice note"><p><a href="/inbox">${count(facts.waiting, 'request')} ${facts.waiting === 1 ? 'is' : 'are'} waiting for your answer</a></p></div>`}
<ul class="cards">
<li class="card"><h2><a href="/device">Connect a device</a></h2><p>Type the code that the device or app shows.</p></li>
<li class="card"><h2><a href="/devices">My devices</a></h2><p>${facts.things === 0 ? 'No device is connected yet.' : `${count(facts.things, 'thing')} connected.`} Lost a device? Revoke it there.</p></li>
<li class="card"><h2><a href="/rules">My rules</a></h2><p>${describeShares(facts.shares)}</p></li>
<li class="card"><h2><a href="/inbox">Requests</a></h2><p>${facts.waiting === 0 ? 'Nobody is waiting for you.' : 'People and apps that would like to use your things.'}</p></li>
</ul>`,
  }
}

function describeShares(shares: number): string {
  if (shares === 0) return 'You are not sharing anything.'
  return `${count(shares, 'share')} in your rules.`
}
