// The one style sheet of the pages, as text so that it is in the build. Light and dark, from 320 px up, contrast by WCAG 2.2 AA.
import { sha256Base64url } from '../../protocol/encoding.ts'

export const STYLE_SHEET = `
:root {
  color-scheme: light dark;
  --ground: #f6f5f1; --card: #ffffff; --text: #1c2024; --quiet: #50575e; --line: #d5d4cd; --field: #767c82;
  --accent: #0a5a51; --on-accent: #ffffff; --danger: #9c1f26; --on-danger: #ffffff;
  --good-ground: #e2f2ea; --bad-ground: #fbe9e8; --note-ground: #fdf3d7; --focus: #0b57d0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --card: #1d2125; --text: #e9ebed; --quiet: #b3bac1; --line: #3a4046; --field: #8b939a;
    --accent: #7ad3c4; --on-accent: #06201c; --danger: #ffa39d; --on-danger: #2c0507;
    --good-ground: #12342b; --bad-ground: #431d1e; --note-ground: #3b3112; --focus: #9cc2ff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
header.top { background: var(--card); border-bottom: 1px solid var(--line); }
.bar, main, footer { max-width: 52rem; margin: 0 auto; padding: 0 1rem; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; padding-top: .5rem; padding-bottom: .5rem; }
.brand { font-weight: 700; font-size: 1.125rem; color: var(--text); text-decoration: none; margin-right: auto; display: inline-flex; align-items: center; gap: .5rem; min-height: 2.75rem; }
.brand svg { width: 1.5rem; height: 1.5rem; fill: var(--accent); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0 .25rem; margin: 0 -.5rem; padding: 0; }
nav a { display: inline-flex; align-items: center; min-height: 2.75rem; padding: 0 .5rem; color: var(--text); text-decoration: none; border-bottom: 3px solid transparent; }
nav a:hover { border-bottom-color: var(--line); }
nav a[aria-current] { border-bottom-color: var(--accent); font-weight: 600; }
.count { background: var(--accent); color: var(--on-accent); border-radius: 1rem; padding: 0 .5rem; margin-left: .375rem; font-size: .875rem; font-weight: 600; }
main { padding-top: 1.5rem; padding-bottom: 3rem; }
main.narrow { max-width: 30rem; }
footer { padding-bottom: 2rem; color: var(--quiet); font-size: .9375rem; }
h1 { font-size: 1.625rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.1875rem; line-height: 1.3; margin: 0 0 .5rem; }
h3 { font-size: 1.0625rem; margin: 1rem 0 .25rem; }
p, ul, ol, dl { margin: 0 0 1rem; }
a { color: var(--accent); text-underline-offset: .15em; }
.quiet { color: var(--quiet); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.125rem; margin: 0 0 1rem; }
.card > :last-child { margin-bottom: 0; }
ul.card { padding-left: 2.25rem; }
.cards { list-style: none; padding: 0; margin: 0; }
.notice { border-radius: .75rem; padding: .875rem 1.125rem; margin: 0 0 1rem; border: 1px solid var(--line); border-left-width: .375rem; }
.notice > :last-child { margin-bottom: 0; }
.notice.good { background: var(--good-ground); border-left-color: var(--accent); }
.notice.bad { background: var(--bad-ground); border-left-color: var(--danger); }
.notice.note { background: var(--note-ground); border-left-color: var(--field); }
label, legend { font-weight: 600; display: block; margin-bottom: .25rem; padding: 0; }
.hint { color: var(--quiet); margin: 0 0 .375rem; font-size: .9375rem; }
input[type=text], input[type=email], input[type=password], input[type=date], textarea { width: 100%; font: inherit; color: var(--text); background: var(--ground); border: 1px solid var(--field); border-radius: .5rem; padding: .5rem .75rem; min-height: 2.75rem; margin: 0 0 1rem; }
input[type=date] { max-width: 14rem; display: block; }
input.code { font: 600 1.5rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; letter-spacing: .12em; text-transform: uppercase; text-align: center; }
textarea { font: .9375rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; tab-size: 2; white-space: pre; overflow: auto; resize: vertical; }
code, pre, .code-text { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .9375em; }
pre { background: var(--ground); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; overflow-x: auto; white-space: pre; margin: 0 0 1rem; }
.code-text { font-size: 1.375rem; font-weight: 600; letter-spacing: .1em; }
fieldset { border: 0; margin: 0 0 1rem; padding: 0; min-width: 0; }
.check { display: flex; align-items: center; gap: .625rem; min-height: 2.75rem; font-weight: 400; margin: 0; }
.check input { width: 1.375rem; height: 1.375rem; accent-color: var(--accent); flex: none; }
button, .button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .5rem 1.25rem; border-radius: .5rem; border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); cursor: pointer; text-decoration: none; display: inline-flex; align-items: center; justify-content: center; text-align: center; }
button.second, .button.second { background: transparent; color: var(--accent); }
button.danger, .button.danger { background: transparent; border-color: var(--danger); color: var(--danger); }
button.danger.sure { background: var(--danger); color: var(--on-danger); }
button.plain { background: none; border: 0; color: var(--text); font-weight: 400; padding: 0 .5rem; text-decoration: underline; text-underline-offset: .15em; }
button:hover, .button:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .25rem; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0 0; }
dl.facts { display: grid; grid-template-columns: minmax(6.5rem, max-content) 1fr; gap: .375rem 1.25rem; }
dl.facts dt { color: var(--quiet); }
dl.facts dd { margin: 0; }
.words { display: grid; grid-template-columns: repeat(2, 1fr); gap: .5rem; list-style: none; padding: 0; margin: .25rem 0 1rem; }
.words li { border: 1px solid var(--field); border-radius: .5rem; padding: .5rem; text-align: center; font-weight: 600; font-size: 1.125rem; background: var(--ground); }
.split { display: grid; gap: 1rem; }
.split > * { min-width: 0; }
ul.errors { list-style: none; padding: 0; margin: 0; }
ul.errors li { margin: 0 0 .75rem; }
ul.errors pre { margin: .25rem 0 0; padding: .375rem .625rem; }
summary { cursor: pointer; padding: .5625rem 0; font-weight: 600; }
details.card { padding-top: .5rem; padding-bottom: .5rem; }
details[open] > summary { margin-bottom: .5rem; }
.skip { position: absolute; left: .5rem; top: -6rem; background: var(--card); color: var(--text); padding: .75rem 1rem; z-index: 1; }
.skip:focus { top: .5rem; }
@media (min-width: 34rem) { .words { grid-template-columns: repeat(4, 1fr); } }
@media (min-width: 60rem) { .wide .bar, .wide main, .wide footer { max-width: 74rem; } .split.errors-beside { grid-template-columns: 3fr 2fr; align-items: start; } .split.errors-beside > form { grid-column: 1; grid-row: 1; } .split.texts { grid-template-columns: 1fr 1fr; } }
@media (max-width: 33.99rem) { .actions > * { flex: 1 1 100%; } dl.facts { grid-template-columns: 1fr; gap: 0; } dl.facts dd { margin-bottom: .5rem; } }
@media (prefers-reduced-motion: no-preference) { a, button { transition: border-color .12s, filter .12s; } }
`

/** Named by its content, so that browsers may keep it for ever. */
export const STYLE_PATH = `/assets/console-${sha256Base64url(STYLE_SHEET).slice(0, 12)}.css`
