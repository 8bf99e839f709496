/** The facts of tokens, and decisions as texts. */
import type { AccessFacts, Alternative } from '../../../../src/protocol/access/alternatives.js'
import type { Decision } from '../../../../src/protocol/access/decision-types.js'
import { parse } from '../../../../src/scopes/parse.js'

const alice = { sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 0 }

/** A token of a service, or of the user Alice for the patient 123. */
export const factsFor = (scope: string, isOfService: boolean): AccessFacts => ({
  clientId: 'app',
  scopes: parse(scope),
  context: isOfService ? {} : { patient: '123' },
  user: isOfService ? null : alice
})

const alternativeText = (one: Alternative): string => {
  const query = one.query.map(({ name, modifier, values }) => `${name}${modifier ?? ''}=${JSON.stringify(values)}`)
  const marks = [
    ...(one.patient === null ? [] : [`patient ${one.patient}`]),
    ...(one.isOfUser ? ['of the user'] : []),
    ...(one.sharedTypes.length === 0 ? [] : [`shared ${one.sharedTypes.join(' ')}`]),
    ...(one.actingTypes.length === 0 ? [] : [`acting ${one.actingTypes.join(' ')}`]),
    ...query
  ]
  return `${one.level}/${one.type}.${one.permission}${marks.length === 0 ? '' : ` [${marks.join(', ')}]`}`
}

/** A decision: what it denies and why, or what it filters by. */
export const textOf = (decision: Decision): string => {
  switch (decision._tag) {
    case 'Permit':
      return 'Permit'
    case 'Deny':
      return `Deny ${decision.reason} (${decision.rule}), missing ${JSON.stringify(decision.missing)}`
    case 'Each':
      return `Each [${decision.decisions.map(textOf).join('; ')}]`
    case 'Filter':
      return (
        `Filter ${decision.alternatives.map(alternativeText).join(', ')}; ` +
        decision.obligations.map(({ phase, permission }) => `${phase} ${permission}`).join(', ')
      )
  }
}
