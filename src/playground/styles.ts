/**
 * The style of the scope playground. The colors are those of the page around it, by custom properties, each with a
 * value of its own for a page without them.
 *
 * @module
 */

/** The style sheet. */
export const playgroundStyles = `.playground { --p-line: var(--line, #c9d1d9); --p-bad: var(--bad, #b42318);
  --p-sunken: var(--sunken, rgb(127 127 127 / 12%)); --p-accent: var(--accent, #0b5cad) }
.playground .sides { display: grid; gap: 1.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)) }
.playground section { min-width: 0 }
.playground h3 { margin-top: 1.25rem }
.playground .editor { position: relative }
.playground textarea, .playground .marks { box-sizing: border-box; width: 100%; min-height: 5.5rem; margin: 0;
  padding: .6rem .7rem; border: 1px solid var(--p-line); border-radius: .5rem; font: .95rem/1.6 ui-monospace, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; overflow-y: auto; letter-spacing: 0 }
.playground textarea { position: relative; display: block; background: transparent; color: inherit; resize: vertical }
.playground .marks { position: absolute; inset: 0; border-color: transparent; color: transparent;
  pointer-events: none; overflow: hidden }
.playground mark { background: none; color: transparent; text-decoration: underline wavy var(--p-bad) 2px;
  text-underline-offset: 3px }
.playground code, .playground pre { overflow-wrap: anywhere }
.playground pre.resource { max-height: 20rem; overflow: auto; padding: .75rem; border-radius: .5rem;
  background: var(--p-sunken); font-size: .875rem }
.playground .faults { color: var(--p-bad) } .playground .doubts { color: var(--warn, #8a5200) }
.playground .verdict { font-size: 1.15rem; font-weight: 600; padding: .6rem .8rem; border-left: .3rem solid;
  background: var(--p-sunken) }
.playground .verdict.equal, .playground .verdict.within { border-color: var(--good, #1a7f37) }
.playground .verdict.includes, .playground .verdict.overlapping { border-color: var(--warn, #8a5200) }
.playground .verdict.disjoint { border-color: var(--p-bad) }
.playground dl > div { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .25rem 1rem;
  padding: .35rem 0; border-bottom: 1px solid var(--p-line) }
.playground dt { font-weight: 600 }
.playground dd { margin: 0; min-width: 0 }
.playground .because > li { padding: .35rem 0; border-bottom: 1px solid var(--p-line) }
.playground .because { list-style: none; padding: 0 } .playground .because ul { padding-left: 1.2rem }
.playground .because ul ul { opacity: .85 }
.playground .allows .wide { font-weight: 600 }
.playground .denies, .playground .note { opacity: .85 }
.playground .examples { display: flex; flex-wrap: wrap; gap: .4rem .6rem; padding: 0; list-style: none }
.playground .examples a { display: inline-block; padding: .25rem .7rem; border: 1px solid var(--p-line);
  border-radius: 1rem; text-decoration: none; color: var(--p-accent) }
.playground .picture { overflow-x: auto; max-width: 100% }
/* A wide picture becomes smaller, and scrolls where it would not be legible. */
.playground .order { display: block; max-width: 100%; min-width: 32rem; height: auto; margin: 0 auto }
.playground .order rect { fill: var(--p-sunken); stroke: var(--p-accent); stroke-width: 2 }
.playground .order .single rect { stroke: var(--p-line); stroke-width: 1 }
.playground .order polyline { fill: none; stroke: currentColor; stroke-width: 1.25; opacity: .6 }
.playground .order text { fill: currentColor; text-anchor: middle; font: .8rem ui-monospace, monospace }
.playground .order text.name { font: 600 .85rem system-ui, sans-serif }
.playground .problem { color: var(--p-bad) }
@media (max-width: 40rem) { .playground dl > div { grid-template-columns: 1fr } }
`
