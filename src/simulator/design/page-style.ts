/** The style of whole pages: the header, the navigation, the footer, and the pages of a conversation with a user. */

/** Rules for the shell and for the pages of a conversation. */
export const pageStyle = `.top { background: var(--surface); border-bottom: 1px solid var(--line) }
.top > div { max-width: 72rem; margin: 0 auto; padding: var(--s3) var(--s5); display: flex; flex-wrap: wrap;
  align-items: center; gap: var(--s2) var(--s4) }
.mark { display: inline-flex; align-items: center; gap: var(--s3); color: var(--ink); text-decoration: none;
  font-weight: 680;
  letter-spacing: -.01em }
.mark svg { width: 2rem; height: 2rem } .mark rect { fill: var(--accent) } .mark path { stroke: var(--on-accent) }
.mark circle { fill: var(--on-accent) }
.top nav { flex: 1 1 auto } .top ul { display: flex; flex-wrap: wrap; gap: 0 var(--s1); list-style: none;
  padding: 0; margin: 0 }
.top nav a { display: block; padding: var(--s2) var(--s3); color: var(--soft); text-decoration: none;
  font-weight: 600;
  font-size: var(--t-m); border-radius: var(--round) }
.top nav a:hover { background: var(--sunken); color: var(--ink) }
.top nav a[aria-current] { color: var(--accent-strong); background: var(--accent-wash) }
.person { margin: 0 0 0 auto; font-size: var(--t-m); color: var(--soft); min-width: 0; display: flex;
  align-items: center;
  flex-wrap: wrap; gap: 0 var(--s2) }
.person strong { color: var(--ink); overflow-wrap: anywhere } .person button { min-height: 2.25rem;
  padding: .25rem .6rem }
main { flex: 1 0 auto; width: 100%; max-width: 72rem; margin: 0 auto; padding: var(--s6) var(--s5) var(--s7) }
main > h1 + p { color: var(--soft); font-size: var(--t-l); max-width: 46rem; margin-bottom: var(--s5) }
footer { border-top: 1px solid var(--line); color: var(--soft); font-size: var(--t-s) }
footer > div { max-width: 72rem; margin: 0 auto; padding: var(--s4) var(--s5); display: flex; flex-wrap: wrap;
  justify-content: space-between; gap: var(--s2) var(--s5) }
footer p { margin: 0 }
.talk main { max-width: 40rem; padding-top: var(--s5) }
.talk .top > div, .talk footer > div { max-width: 40rem }
.talk main > .card { padding: 0; overflow: hidden }
.talk .card > .inside { padding: var(--s5) }
.talk .card h1 { font-size: clamp(1.5rem, 1.3rem + .8vw, 1.75rem) }
.parties { display: grid; gap: var(--s3); padding: var(--s4) var(--s5); background: var(--sunken);
  border-bottom: 1px solid var(--line) }
.party { display: flex; gap: var(--s3); align-items: center; min-width: 0 }
.parties code { background: none; padding: 0; color: var(--ink) }
.card > .party { margin-bottom: var(--s4); align-items: flex-start }
.party > div { min-width: 0 } .party p { margin: 0; line-height: 1.35 } .party strong { overflow-wrap: anywhere }
.party form { margin: 0 } .party button.plain { min-height: 0; padding: 0; font-weight: 400; text-decoration: underline;
  text-align: start }
.inside > form + .quiet, .actions + .quiet { margin: var(--s5) 0 0 }
.context { margin-bottom: 0 } .group .quiet { margin: var(--s2) 0 var(--s1) }
.choices { display: grid; gap: var(--s2); max-height: 26rem; overflow-y: auto; padding: 3px; margin: 0 -3px }
.choices legend { margin-bottom: var(--s3) }
.choice { display: flex; gap: var(--s3); align-items: flex-start; padding: .7rem var(--s4);
  border: 1px solid var(--line);
  border-radius: var(--round); cursor: pointer; min-width: 0 }
.choice > span { min-width: 0 }
.choice:hover { border-color: var(--edge) }
.choice:has(:checked) { border-color: var(--accent); background: var(--accent-wash) }
.search { display: flex; flex-wrap: wrap; gap: var(--s3); align-items: end; margin-bottom: var(--s4) }
.search .field { flex: 1 1 12rem; margin: 0 }
.group { margin: 0 0 var(--s5) }
.group > legend { display: flex; align-items: center; gap: var(--s2); margin-bottom: var(--s2) }
.group > legend .icon { color: var(--accent) }
.scope { border: 1px solid var(--line); border-radius: var(--round); margin-bottom: var(--s2) }
.scope > label { display: flex; gap: var(--s3); padding: var(--s3) var(--s4); cursor: pointer }
.scope > label > span { min-width: 0; flex: 1 } .scope code { color: var(--soft); background: none; padding: 0;
  display: block;
  font-size: .78rem }
.scope .say code { display: inline; color: inherit; font-size: .9em }
.scope .badge { margin-inline-start: var(--s1); white-space: normal }
.scope.strong { border-color: var(--warn-line); background: linear-gradient(90deg, var(--warn-wash),
  transparent 9rem) }
.scope .less { padding: 0 var(--s4) var(--s3) calc(var(--s4) + 1.2rem + var(--s3)); font-size: var(--t-m) }
.scope .less > p { margin: 0 0 var(--s2); color: var(--warn) }
.scope .less legend { font-size: var(--t-m); margin-bottom: var(--s1) }
.parts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 11rem), 1fr)); gap: 0 var(--s4) }
.scope .less label { display: flex; gap: var(--s3); padding: .2rem 0; cursor: pointer }
.scope .hint { display: block; font-size: var(--t-s); color: var(--soft) }
@supports selector(:has(*)) { .scope:has(> label > input:checked) .less { display: none }
  .scope:has(> label > input:not(:checked)) .hint, .scope:has(.parts input:checked) .without { display: none }
  .scope:has(> label > input:not(:checked)) { border-style: dashed; background: none } }
.decide .none-ticked { display: none; color: var(--warn) }
form:not(:has([name=scope]:checked)) .none-ticked { display: block }
.talk td code { white-space: nowrap }
@media (max-width: 30rem) { .talk th, .talk td { min-width: 0; padding-inline: .5rem; font-size: var(--t-s) }
  .talk td code { padding: 0; background: none } }
form:not(:has([name=scope]:checked)) .lasting { display: none }
.limits { list-style: none; padding: 0; margin: 0 0 var(--s4); display: grid; gap: var(--s2); font-size: var(--t-m) }
.limits li { display: flex; gap: var(--s2) } .limits .icon { color: var(--good); margin-top: .15em } .limits span {
  min-width: 0 }
.decide { position: sticky; bottom: 0; background: var(--surface); border-top: 1px solid var(--line);
  margin: var(--s5) calc(-1 * var(--s5)) calc(-1 * var(--s5));
  padding: var(--s4) var(--s5); display: flex; flex-wrap: wrap; gap: var(--s3); align-items: center }
.decide button { flex: 1 1 8rem } .decide p { flex: 1 1 100%; margin: 0; font-size: var(--t-s); color: var(--soft) }
@media (max-width: 30rem) { .top > div, main, footer > div { padding-inline: var(--s4) } main {
  padding-block: var(--s4) var(--s6) }
  .talk .card > .inside, .parties { padding: var(--s4) } .decide { margin-inline: calc(-1 * var(--s4));
    margin-bottom: calc(-1 * var(--s4));
  padding-inline: var(--s4) } .person { margin-left: 0 }
  .top nav { flex-basis: 100%; margin-inline: calc(-1 * var(--s3)) } }
`
