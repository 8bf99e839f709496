/** The style of the parts that pages are made of: buttons, fields, cards, tables, badges, notices and tabs. */

/** Rules for the helpers of `parts.ts`. */
export const partStyle = `button, .button { font: inherit; font-weight: 600; line-height: 1.3; display: inline-block;
  min-height: 2.75rem; padding: .66rem 1.15rem; border-radius: var(--round);
  border: 1px solid var(--edge); background: var(--surface); color: var(--ink); text-decoration: none;
    cursor: pointer;
  max-width: 100%; text-align: center; overflow-wrap: anywhere }
button:hover, .button:hover { background: var(--sunken) }
button.main, .button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent) }
button.main:hover, .button.main:hover { background: var(--accent-strong); border-color: var(--accent-strong) }
button.danger { border-color: var(--bad-line); color: var(--bad) }
button.danger:hover { background: var(--bad-wash) }
button.plain { border-color: transparent; background: none; color: var(--accent); padding-inline: var(--s2) }
button .given, .button .given { background: none; border-bottom-color: currentColor }
.actions + .card, p + .cards { margin-top: var(--s5) }
.actions { display: flex; flex-wrap: wrap; gap: var(--s3); align-items: center; margin-top: var(--s5) }
.field { display: block; margin: 0 0 var(--s4) }
.field > span:first-child { display: block; font-weight: 600; font-size: var(--t-m); margin-bottom: var(--s1) }
.field .complaint { display: block; color: var(--bad); font-size: var(--t-m); font-weight: 600; margin-top: var(--s1) }
.field .complaint::first-letter { text-transform: uppercase }
.field.wrong input, .field.wrong textarea, .field.wrong select { border-color: var(--bad); outline-color: var(--bad) }
.field .hint { display: block; color: var(--soft); font-size: var(--t-s); margin-top: var(--s1) }
input[type=text], input[type=password], input[type=search], input[type=url], select, textarea { font: inherit;
  width: 100%;
  min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid var(--edge); border-radius: var(--round);
  background: var(--surface); color: var(--ink) }
input[type=checkbox], input[type=radio] { width: 1.2rem; height: 1.2rem; margin: .15rem 0 0; flex: none;
  accent-color: var(--accent) }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: calc(var(--round) * 1.5);
  box-shadow: var(--shade); padding: var(--s5); margin: 0 0 var(--s5) }
.card > :last-child { margin-bottom: 0 }
.card > h2:first-child { margin-top: 0 }
.cards { display: grid; gap: var(--s4); grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)) }
.cards > .card { margin: 0 }
.table { overflow-x: auto; margin: 0 0 var(--s4); border: 1px solid var(--line); border-radius: var(--round);
  background: var(--surface) }
table { border-collapse: collapse; width: 100%; margin: 0; font-size: var(--t-m) }
caption { text-align: start; padding: var(--s3) var(--s4); font-weight: 600 }
th, td { text-align: start; vertical-align: top; padding: .6rem var(--s4); border-top: 1px solid var(--line) }
thead th { border-top: 0; color: var(--soft); font-size: var(--t-s); font-weight: 600; white-space: nowrap }
td { overflow-wrap: break-word; min-width: 6rem; max-width: 24rem } td bdi, td code { overflow-wrap: break-word }
.badge { display: inline-block; font-size: .75rem; font-weight: 600; line-height: 1.4; padding: .1rem .55rem;
  border-radius: 1rem; background: var(--sunken); color: var(--soft); white-space: nowrap }
.badge.accent { background: var(--accent-wash); color: var(--accent-strong) }
.badge.warn { background: var(--warn-wash); color: var(--warn) }
.badge.bad { background: var(--bad-wash); color: var(--bad) }
.badge.good { background: var(--good-wash); color: var(--good) }
.notice { display: flex; gap: var(--s3); padding: var(--s4); margin: 0 0 var(--s5); border-radius: var(--round);
  border: 1px solid var(--line); background: var(--sunken) }
.notice > div { min-width: 0 } .notice > div > :last-child { margin-bottom: 0 }
.notice.bad { background: var(--bad-wash); border-color: var(--bad-line); color: var(--bad) }
.notice.warn { background: var(--warn-wash); border-color: var(--warn-line); color: var(--warn) }
.notice.good { background: var(--good-wash); color: var(--good) }
.tabs { display: flex; flex-wrap: wrap; gap: var(--s1); list-style: none; padding: 0;
  border-bottom: 1px solid var(--line) }
.tabs a { display: block; padding: var(--s2) var(--s4); text-decoration: none; color: var(--soft); font-weight: 600;
  border-bottom: 3px solid transparent }
.tabs a:hover { color: var(--ink) }
.tabs a[aria-current] { color: var(--ink); border-bottom-color: var(--accent) }
.facts { display: grid; grid-template-columns: minmax(6rem, max-content) minmax(0, 1fr); gap: var(--s2) var(--s4) }
.facts dt { color: var(--soft) } .facts dd { margin: 0 }
/* An address or a scope needs the width of its card. */
.cards .facts:has(code) { grid-template-columns: minmax(0, 1fr); gap: 0 }
.cards .facts:has(code) dd { margin-bottom: var(--s2) } .cards .facts:has(code) dt { font-size: var(--t-s) }
@media (max-width: 30rem) { .facts { grid-template-columns: minmax(0, 1fr); gap: 0 } .facts dd {
  margin-bottom: var(--s3) }
  .card { padding: var(--s4) } .actions > button, .actions > .button { flex: 1 1 auto } }
details > summary { cursor: pointer; color: var(--accent); font-weight: 600; padding: var(--s1) 0 }
.monogram { display: inline-grid; place-items: center; width: 2.75rem; height: 2.75rem; flex: none;
  border-radius: .75rem;
  background: var(--accent-wash); color: var(--accent-strong); font-weight: 700 }
.monogram.round { border-radius: 50%; background: var(--surface); color: var(--soft); border: 1px solid var(--line) }
`
