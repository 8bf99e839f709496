/** The style of elements: type, links, focus, tables and codes. */

/** Rules for elements without classes. */
export const baseStyle = `*, *::before, *::after { box-sizing: border-box }
html { font: 100%/1.55 var(--sans); -webkit-text-size-adjust: 100% }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; color: var(--ink);
  background: var(--paper) }
h1, h2, h3 { line-height: 1.2; letter-spacing: -.012em; text-wrap: balance; overflow-wrap: anywhere }
h1 { font-size: var(--t-xxl); font-weight: 650; margin: 0 0 var(--s4) }
h2 { font-size: var(--t-xl); font-weight: 620; margin: var(--s6) 0 var(--s3) }
h3 { font-size: var(--t-l); font-weight: 620; margin: 0 0 var(--s2) }
p, ul, ol, dl, pre, table { margin: 0 0 var(--s4) }
p, li, dd { overflow-wrap: anywhere }
a { color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: 1px }
a:hover { text-decoration-thickness: 2px }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .25rem }
code, pre { font-family: var(--mono); font-size: .875em }
code { overflow-wrap: anywhere; background: var(--sunken); padding: .1em .35em; border-radius: .3rem }
pre { background: var(--sunken); padding: var(--s4); border-radius: var(--round); overflow-x: auto;
  white-space: pre-wrap; overflow-wrap: anywhere }
pre.error { white-space: pre; overflow-wrap: normal }
bdi { overflow-wrap: anywhere }

.choice .given, td .given, h2 .given, h3 .given, .party .given, .person .given { border-bottom: 0 }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0 }
legend { padding: 0; font-weight: 620; font-size: var(--t-l) }
[hidden] { display: none !important }
.quiet { color: var(--soft); font-size: var(--t-m) }
.error { color: var(--bad); font-weight: 600 }
.icon { width: 1.25em; height: 1.25em; flex: none; vertical-align: -.25em }
.skip { position: absolute; left: -100rem; z-index: 2; background: var(--surface); padding: var(--s2) var(--s4) }
.skip:focus { left: var(--s2); top: var(--s2) }
.hidden-text { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap }
@media (prefers-reduced-motion: no-preference) { a, button, .button, .choice { transition: background-color .12s,
  border-color .12s } }
`
