/**
 * Wrong ways to decide `subsumes`. The comparison must catch each of them: a comparison in which a wrong procedure
 * makes no difference proves nothing.
 */
import type { Case, Planned, PlannedClause, PlannedScope } from './generator.js'
import { parameterTypes } from './generator.js'

/** Decides with the package about other sets than those of the case. */
export type Decide = (granted: Planned, requested: Planned) => boolean

type Change = (scope: PlannedScope) => PlannedScope

const changed = (scopes: Planned, change: Change): Planned =>
  scopes.map((scope) => (scope.text === null ? change(scope) : scope))

const clauses =
  (change: (clause: PlannedClause) => PlannedClause): Change =>
  (scope) => ({ ...scope, clauses: scope.clauses.map(change) })

const values = (change: (value: string) => string): Change =>
  clauses((clause) => ({ ...clause, values: clause.values.map(change) }))

/** Decides after a change of the granted set, of the requested set, or of both. */
const after =
  (change: Change, where: 'granted' | 'requested' | 'both') =>
  ({ granted, requested }: Case, decide: Decide): boolean =>
    decide(
      where === 'requested' ? granted : changed(granted, change),
      where === 'granted' ? requested : changed(requested, change)
    )

/** Letters that case folding leaves alone, one for each character. */
const caseless = (value: string): string =>
  value.replace(/[A-Z]/g, (letter) => String.fromCodePoint(0x4e00 + letter.charCodeAt(0)))

const ofStrings = (change: (clause: PlannedClause) => PlannedClause): Change =>
  clauses((clause) => (parameterTypes[clause.name] === 'string' ? change(clause) : clause))

const isText = (granted: PlannedScope, requested: PlannedScope): boolean =>
  granted.level === requested.level &&
  (granted.type === '*' || granted.type === requested.type) &&
  Array.from(requested.suffix).every((letter) => granted.suffix.includes(letter)) &&
  (granted.clauses.length === 0 || JSON.stringify(granted.clauses) === JSON.stringify(requested.clauses))

/** The wrong procedures, by what is wrong with them. */
export const opponents: Readonly<Record<string, (one: Case, decide: Decide) => boolean>> = {
  'queries are compared as text': ({ granted, requested }) =>
    requested.every((scope) =>
      granted.some((one) => (scope.text === null && one.text === null ? isText(one, scope) : one.text === scope.text))
    ),
  'one scope must cover alone': ({ granted, requested }, decide) =>
    requested.every((scope) => granted.some((one) => decide([one], [scope]))),
  'granted queries are ignored': after((scope) => ({ ...scope, clauses: [] }), 'granted'),
  'the wildcard is a known type': after((scope) => (scope.type === '*' ? { ...scope, type: 'A' } : scope), 'requested'),
  'prefixes are case-sensitive': after(
    ofStrings((clause) => ({ ...clause, values: clause.values.map(caseless) })),
    'both'
  ),
  'exact is a prefix': after(
    ofStrings((clause) => (clause.modifier === 'exact' ? { ...clause, modifier: null } : clause)),
    'both'
  ),
  'a system with a code covers the code': after(
    values((value) => value.replace(/^(?:[^|\\]|\\.)+\|(?=.)/, '')),
    'granted'
  ),
  'levels are ignored': after((scope) => ({ ...scope, level: 'patient' }), 'both'),
  'one write permission is all of them': after(
    (scope) =>
      /^[cruds]+$/.test(scope.suffix) && /[cud]/.test(scope.suffix)
        ? { ...scope, suffix: `c${scope.suffix.includes('r') ? 'r' : ''}ud${scope.suffix.includes('s') ? 's' : ''}` }
        : scope,
    'granted'
  ),
  'only the first clause counts': after((scope) => ({ ...scope, clauses: scope.clauses.slice(0, 1) }), 'granted'),
  'only the first requested value counts': after(
    clauses((clause) => ({ ...clause, values: clause.values.slice(0, 1) })),
    'requested'
  ),
  'escapes are not undone': after(
    values((value) => value.replace(/\\(.)/g, '$1')),
    'requested'
  ),
  'opaque clauses are ignored': after(
    (scope) => ({
      ...scope,
      clauses: scope.clauses.filter(({ name, modifier }) => name !== 'date' && (modifier ?? 'exact') === 'exact')
    }),
    'granted'
  ),
  'an id covers a reference only with its own type': after(
    clauses((clause) =>
      clause.name === 'ref'
        ? { ...clause, values: clause.values.map((value) => (/^\d$/.test(value) ? `Patient/${value}` : value)) }
        : clause
    ),
    'both'
  )
}
