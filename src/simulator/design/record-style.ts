/** The style of the log, of the grants, of the picture of a machine, and of the playground in its page. */

/** Rules for the pages of the log, of the grants and of scopes. */
export const recordStyle = `.lines { list-style: none; padding: 0; display: grid; gap: var(--s3) }
.line { background: var(--surface); border: 1px solid var(--line); border-radius: var(--round);
  padding: var(--s3) var(--s4); min-width: 0 }
.line p { margin: 0 0 var(--s1) } .line p:last-child { margin: 0 }
.line .head { font-size: var(--t-m); color: var(--soft); display: flex; flex-wrap: wrap; gap: 0 var(--s2);
  align-items: baseline }
.line .head strong { color: var(--ink) } .line .given { border-bottom: 0 } .line .what { font-weight: 600 }
.line .advice { color: var(--warn) } .line code { background: none; padding: 0 }
.beside { display: grid; gap: var(--s5); grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
  align-items: start }
.card h2.name { margin: 0; font-size: var(--t-l) }
summary { cursor: pointer; color: var(--accent); font-weight: 600; font-size: var(--t-m); margin-bottom: var(--s3) }
.machine { width: 100%; height: auto; max-width: 36rem; font: .8125rem var(--sans) }
.machine rect { fill: var(--sunken); stroke: var(--edge) } .machine text { fill: var(--ink); text-anchor: middle }
.machine .final rect { stroke-dasharray: 4 3 } .machine .initial rect { stroke-width: 2 }
.machine .lit rect { fill: var(--accent); stroke: var(--accent); stroke-dasharray: none }
.machine .lit text { fill: var(--on-accent); font-weight: 600 }
.machine .edge { fill: none; stroke: var(--line); stroke-width: 1.3 }
.machine .edge.lit { stroke: var(--accent); stroke-width: 2 }
.machine #tip path { fill: var(--edge) } .machine #tip-lit path { fill: var(--accent) }
.state-now { margin: 0; font-size: var(--t-l); font-weight: 600; color: var(--accent) }
.grants { display: grid; gap: var(--s4) } .grants + details { margin-top: var(--s5) } .grants > .card { margin: 0 }
.grants .columns > :last-child > :last-child { margin-bottom: 0 }
.events { list-style: none; padding: 0; font-size: var(--t-s); margin-bottom: var(--s2) } .events time {
  color: var(--soft) }
.kinds > details { background: var(--surface); border: 1px solid var(--line); border-radius: var(--round);
  padding: var(--s2) var(--s4); margin-bottom: var(--s2) }
.kinds > details > summary { margin: 0; font-weight: 400 } .kinds > details[open] > summary { margin-bottom: var(--s2) }
.kinds summary > code { font-weight: 600 } .kinds summary > span { color: var(--ink); display: block }
.kinds code { overflow-wrap: anywhere }
.desk .playground section { background: var(--surface); border: 1px solid var(--line);
  border-radius: calc(var(--round) * 1.5); box-shadow: var(--shade); padding: var(--s5) }
.desk .playground section > h2 { margin-top: 0 }
.desk .playground section > :last-child { margin-bottom: 0 }
.desk .playground textarea { border-color: var(--edge) }
.desk .playground section + p { margin-top: var(--s5) } .desk .playground .faults { margin-top: var(--s3) }
.desk .playground .option { display: inline-flex; gap: var(--s3); align-items: flex-start; margin-top: var(--s4) }
@media (max-width: 30rem) { .desk .playground section { padding: var(--s4) } }
`
