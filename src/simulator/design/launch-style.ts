/** The style of the launch page and of the pages about links and apps. */

/** Rules for the launch page. */
export const launchStyle = `.launch > fieldset, .launch > details { border: 0; padding: 0; margin: 0 0 var(--s5);
  min-width: 0 }
.launch > fieldset > legend { font-size: var(--t-l); font-weight: 680; padding: 0; margin-bottom: var(--s3) }
.launch > details { border-top: 1px solid var(--line); padding-top: var(--s3); margin-bottom: var(--s3) }
.launch > details > summary { font-size: var(--t-l) }
.launch > details[open] > summary, .launch details[open] > summary { margin-bottom: var(--s3) }
.tiles { display: grid; gap: var(--s3); grid-template-columns: repeat(auto-fit, minmax(min(100%, 14rem), 1fr)) }
.tiles > legend { grid-column: 1 / -1 }
.columns { display: grid; gap: 0 var(--s5); grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)) }
.pick { display: flex; gap: var(--s3); align-items: flex-start; cursor: pointer; min-width: 0; padding: .15rem 0 }
.pick > span { min-width: 0 }
.boxes { border: 0; padding: 0; margin: 0 0 var(--s4); min-width: 0 }
.boxes > legend { font-weight: 600; font-size: var(--t-m); padding: 0; margin-bottom: var(--s1) }
.scopes { list-style: none; padding: 0; margin: 0 }
.pages { margin: 0 0 var(--s4); gap: var(--s1) var(--s3) }
.search > button { margin: 0 }
.copyable { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--sunken); padding: var(--s3) var(--s4);
  border-radius: var(--round); margin: 0 0 var(--s3); font-size: var(--t-s); max-height: 16rem; overflow-y: auto }
.app-frame { width: 100%; height: 70vh; border: 1px solid var(--line); border-radius: var(--round);
  background: var(--surface) }
.launch td .pick { padding-block: 0 }
.own-app { border: 1px solid var(--line); border-radius: var(--round); padding: var(--s4) var(--s4) 0 }
.cards + .card { margin-top: var(--s5) }
.copy { display: flex; flex-wrap: wrap; gap: 0 var(--s3); align-items: start }
.copy > .copyable { flex: 1 1 18rem; min-width: 0 }
p:has(+ .copy) { margin-bottom: var(--s1) }
.decide > #copied:empty { position: absolute }
/* What is below the bar of the buttons fades, so that nothing looks cut off. */
.launch .decide::before { content: ""; position: absolute; inset: auto 0 100%; height: 1.25rem; pointer-events: none;
  background: linear-gradient(to top, var(--surface), transparent) }
#patients, #encounters, #wrong { scroll-margin-top: var(--s5) }
@supports selector(:has(*)) {
  .launch:not(:has([name=app] [value="*"]:checked)) .own-app,
  .launch:has([name=kind][value=backend]:checked) .for-user,
  .launch:not(:has([name=kind][value=ehr]:checked, [name=kind][value=portal]:checked)) .for-ehr,
  .launch:not(:has([name=kind][value=standalone]:checked)) .for-alone,
  .launch:not(:has([name=kind][value=portal]:checked)) .for-portal,
  .launch:not(:has([name=kind][value=backend]:checked)) .for-service { display: none }
  html:has(.launch .decide) { scroll-padding-bottom: 8rem }
}
.banner { background: var(--accent-wash); border: 1px solid var(--accent); border-radius: var(--round);
  padding: var(--s3) var(--s4); margin: 0 0 var(--s4) }
.banner .facts { grid: auto auto / auto-flow max-content; gap: 0 var(--s6); margin: 0 }
.banner .facts dt { font-size: var(--t-s) }
.banner .given { border-bottom: 0 } .banner code { background: none; padding: 0 }
.app-frame + p { margin-top: var(--s3) }
.launch .error { margin: var(--s1) 0 0 }
.launch td:nth-child(n + 3) { white-space: nowrap }
.copyable + .actions { margin-top: 0; margin-bottom: var(--s4) }
/* Name and birth date tell patients apart where there is no room for the id. */
@media (max-width: 30rem) { .launch th, .launch td { min-width: 0; padding-inline: .4rem; font-size: var(--t-s) }
  .launch td .pick { gap: var(--s2) }
  .launch th:nth-child(4), .launch td:nth-child(4) { display: none }
  [aria-label=Users] :is(th, td) { min-width: 0; padding-inline: .4rem; font-size: var(--t-s); white-space: normal }
  [aria-label=Users] :is(td, td bdi, td code) { overflow-wrap: anywhere }
  .banner .facts { grid: none / max-content minmax(0, 1fr); gap: 0 var(--s4) }
  .banner .facts dd { margin: 0 }
  .launch .decide { gap: var(--s2); padding-block: var(--s2); margin-inline: calc(-1 * var(--s4)) }
  .launch .decide > [value=link] { min-height: 2.25rem; padding: .25rem var(--s2); font-size: var(--t-m) } }
/* Where the window is low, the buttons would hide most of the form. */
@media (max-height: 27rem) { .launch .decide { position: static } }
`
