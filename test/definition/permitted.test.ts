/** A resource is permitted among many alternatives exactly when one of them permits it by itself. */
import { describe, expect, it } from 'vitest'
import type { AccessFacts, EvaluationContext } from '../../src/protocol/access/alternatives.js'
import { alternativesIn, permitsResource } from '../../src/protocol/access/alternatives.js'
import type { Resource } from '../../src/protocol/access/fhir-interaction.js'
import { isPermitted, permittedAmong } from '../../src/protocol/access/permitted.js'
import { indexReader } from '../../src/protocol/access/search/search-index.js'
import { parse } from '../../src/scopes/parse.js'
import type { Permission } from '../../src/scopes/scope.js'
import { drawFrom } from '../../src/simulator/data/random.js'

const queries = [
  '',
  '?category=s|a',
  '?category=s|b',
  '?category=s|a&code=s|b',
  '?category=s|b&code=s|a',
  '?code=s|a',
  '?code=s|b,s|a',
  '?category=a',
  '?category=s|',
  '?category=s|a,|b',
  '?category=s|x\\\\|y',
  '?status=final',
  '?category:in=http://v',
  '?date=ge2024',
  '?subject=Patient/a',
  '?performer=p'
]
const starts = ['patient/Observation.', 'user/Observation.', 'system/Observation.', 'patient/*.', 'patient/Condition.']
const permissions: ReadonlyArray<Permission> = ['c', 'r', 'u', 'd', 's']

describe('a resource among many alternatives', () => {
  const { between } = drawFrom(41)
  const pick = <A>(all: ReadonlyArray<A>): A => all[between(0, all.length - 1)] as A
  const coded = () => ({
    coding: Array.from({ length: between(0, 2) }, () => ({
      ...(between(0, 3) > 0 ? { system: 's' } : {}),
      code: pick(['a', 'b', 'x', 'x|y'])
    }))
  })
  const resource = (): Resource => ({
    resourceType: pick(['Observation', 'Observation', 'Observation', 'Condition']),
    id: '1',
    status: pick(['final', 'amended']),
    category: [coded(), coded()],
    code: coded(),
    subject: { reference: pick(['Patient/a', 'Patient/b']) },
    performer: [{ reference: pick(['Practitioner/p', 'Patient/a']) }],
    effectiveDateTime: pick(['2023-01-01', '2024-01-01'])
  })
  const evaluation: EvaluationContext = {
    read: indexReader(),
    userMay: (_, { status }: Resource & { readonly status?: unknown }) => status === 'final'
  }

  it('is permitted exactly when one of them permits it', () => {
    const counted = { yes: 0, no: 0 }
    const wrong: Array<unknown> = []
    for (let round = 0; round < 1000; round += 1) {
      const scopes = Array.from(
        { length: between(1, 5) },
        () => `${pick(starts)}${pick(['rs', 's', 'cruds'])}${pick(queries)}`
      )
      const facts: AccessFacts = {
        clientId: 'app',
        scopes: parse(scopes.join(' ')),
        context: { patient: 'a' },
        user: between(0, 1) === 0 ? null : { sub: 'u', fhirUser: null, authTime: 0 }
      }
      const alternatives = alternativesIn(facts, {})
      const among = permittedAmong(alternatives, new Set(['Observation']), evaluation)
      for (let count = 0; count < 8; count += 1) {
        const [one, permission] = [resource(), pick(permissions)]
        const isOne = alternatives.some(
          (alternative) => alternative.permission === permission && permitsResource(alternative, one, evaluation)
        )
        const found = [isPermitted(alternatives, permission, one, evaluation), among(permission, one, null)]
        if (found.some((is) => is !== isOne)) wrong.push([scopes, permission, one, isOne, found])
        counted[isOne ? 'yes' : 'no'] += 1
      }
    }
    expect(wrong).toEqual([])
    expect(Math.min(counted.yes, counted.no)).toBeGreaterThan(1500)
  })
})
