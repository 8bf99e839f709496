/** The style of the sample app: its parts beside each other, the chart, and the list of scopes. */

/** Rules for the pages of the sample app. */
export const sampleAppStyle = `.bar { display: flex; flex-wrap: wrap; justify-content: space-between;
  align-items: center; gap: var(--s3); margin-bottom: var(--s4) }
.bar h1 { margin: 0 }
.app .who { font-size: var(--t-xl); font-weight: 620; margin-bottom: var(--s3) }
.app .card > div > :last-child { margin-bottom: 0 }
.app .identifiers { list-style: none; padding: 0; margin: 0 }
.app h3 { font-size: var(--t-m); color: var(--soft) }
.sides { display: grid; gap: var(--s4) var(--s5);
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)) }
.sides > * { min-width: 0 }
.app #values .table { max-height: 19rem; overflow-y: auto; margin: 0 }
.app .given { border-bottom: 0 }
.app #values th { white-space: normal; min-width: 6rem }
.app #values td { min-width: 5rem; white-space: nowrap }
.app #choice .field { max-width: 26rem }
.scopes, .missing { padding-left: 0; list-style: none }
.scopes li { padding: var(--s1) 0; border-bottom: 1px solid var(--line) }
.missing li { border-left: 3px solid var(--warn-line); padding: var(--s1) var(--s3); margin-bottom: var(--s2) }
.legend { display: flex; flex-wrap: wrap; gap: 0 var(--s4); margin: 0 0 var(--s2); font-size: var(--t-s) }
.chart { display: block; width: 100%; height: auto; --line-color: var(--accent) }
.line-1 { --line-color: var(--warn) } .line-2 { --line-color: var(--bad) }
.legend .line-0, .legend .line-1, .legend .line-2 { color: var(--line-color, var(--accent)); font-weight: 600 }
.chart text { fill: var(--soft); font: 12px var(--sans) }
.chart .grid { stroke: var(--line) }
.chart polyline { fill: none; stroke: var(--line-color); stroke-width: 2; stroke-linejoin: round }
.chart .line-1 polyline { stroke-dasharray: 6 3 } .chart .line-2 polyline { stroke-dasharray: 2 3 }
.chart circle, .chart rect { fill: var(--line-color) }
`
