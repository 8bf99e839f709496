/**
 * The decisions about many requests for many tokens, as they are: `decisions.txt` holds for each request which tokens
 * get which decision, with the name of the rule that denies, what is missing, and what must be checked. A deliberate
 * change is reviewed as a difference of the file: `npx vitest run --config test/vitest.config.ts
 * test/unit/protocol/access/decisions.test.ts --update`.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AccessFacts, AccessRules } from '../../../../src/protocol/access/alternatives.js'
import { decide } from '../../../../src/protocol/access/decision.js'
import { exportPlan } from '../../../../src/protocol/access/operations/export.js'
import { interactionOf } from '../../../../src/protocol/access/read-interaction.js'
import type { PlainRequest } from '../../../../src/protocol/http/message.js'
import { parse } from '../../../../src/scopes/parse.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { decisionRequests, exportRequests } from './decision-requests.js'
import { factsFor, textOf } from './decision-text.js'

interface Token {
  readonly scope: string
  readonly rules?: AccessRules
  readonly isOfService?: boolean
}

const everything: AccessRules = { isUserUnlimited: true }
const mapping: AccessRules = {
  operations: [
    { level: 'type', type: 'Observation', name: 'lastn', needs: [{ type: null, permission: 's' }] },
    { level: 'instance', type: null, name: 'touch', needs: [{ type: null, permission: 'u' }] },
    { level: 'instance', type: null, name: 'show', needs: [{ type: null, permission: 'r' }] },
    { level: 'type', type: null, name: 'show', needs: [{ type: '*', permission: 'r' }] }
  ],
  operationScopes: [{ scope: 'system/$run', permits: [{ level: 'system', type: null, name: 'run' }] }],
  actingTypes: ['Subscription']
}

const tokens: ReadonlyArray<Token> = [
  { scope: 'system/*.cruds', isOfService: true },
  { scope: 'system/*.rs', isOfService: true },
  { scope: 'system/*.r', isOfService: true },
  { scope: 'system/Patient.rs system/Observation.rs?status=final', isOfService: true },
  { scope: 'system/Group.r system/Observation.rs system/Provenance.rs', isOfService: true },
  { scope: 'system/$run', isOfService: true, rules: mapping },
  { scope: 'user/*.cruds' },
  { scope: 'user/*.rs', rules: everything },
  { scope: 'user/Observation.rs user/Patient.rs' },
  { scope: 'patient/*.cruds' },
  { scope: 'patient/*.cruds', rules: { ...mapping, hasUserRule: false } },
  { scope: 'patient/Observation.rs patient/Patient.r' },
  { scope: 'patient/Patient.rs' },
  { scope: 'openid fhirUser' },
  { scope: 'patient/*.rs', rules: { standardOperations: false } }
]

const factsOf = ({ scope, isOfService = false }: Token): AccessFacts => factsFor(scope, isOfService)

const nameOf = ({ scope, rules }: Token): string =>
  rules === undefined ? scope : `${scope} (${Object.keys(rules).join(', ')})`

/** The tokens of each result. */
const grouped = (resultOf: (token: Token) => string): ReadonlyArray<string> => {
  const groups = new Map<string, Array<string>>()
  for (const token of tokens) {
    const result = resultOf(token)
    groups.set(result, [...(groups.get(result) ?? []), nameOf(token)])
  }
  return [...groups].map(([result, names]) => `  ${result}\n    ${names.join(' | ')}`)
}

const titleOf = ({ method, path, query, body }: PlainRequest): string =>
  `${method} ${path}${query === '' ? '' : `?${query}`}${body === '' ? '' : ` ${body}`}`

const decided = (request: PlainRequest): string =>
  [
    titleOf(request),
    ...grouped((token) => textOf(decide(defaultPolicy, factsOf(token), interactionOf(request), token.rules)))
  ].join('\n')

const planned = (request: PlainRequest): string => {
  const operation = interactionOf(request)
  if (operation._tag !== 'Operation' || operation.input === null) return `export ${titleOf(request)}\n  no export`
  const { input } = operation
  return [
    `export ${titleOf(request)}`,
    ...grouped((token) => {
      const plan = exportPlan(factsOf(token), operation, input, token.rules ?? {})
      return Either.isLeft(plan) ? textOf(plan.left) : JSON.stringify(plan.right)
    })
  ].join('\n')
}

const file = join(import.meta.dirname, 'decisions.txt')
const parts: ReadonlyArray<() => string> = [
  ...decisionRequests.map((request) => () => decided(request)),
  ...exportRequests.map((request) => () => planned(request))
]

if (process.env['MUTATION_GROUP'] === undefined) {
  it('the decisions are those of decisions.txt', async () => {
    await expect(`${parts.map((part) => part()).join('\n\n')}\n`).toMatchFileSnapshot(file)
  })

  describe('the scopes that a denial names', () => {
    const scopesWith = (token: Token, more: ReadonlyArray<string>): AccessFacts => ({
      ...factsOf(token),
      scopes: parse([token.scope, ...more].join(' '))
    })
    const isDenied = (facts: AccessFacts, request: PlainRequest, { rules }: Token): boolean =>
      decide(defaultPolicy, facts, interactionOf(request), rules)._tag === 'Deny'
    const all = decisionRequests.flatMap((request) =>
      tokens.flatMap((token) => {
        const decision = decide(defaultPolicy, factsOf(token), interactionOf(request), token.rules)
        return decision._tag === 'Deny' ? [{ request, token, missing: decision.missing }] : []
      })
    )
    const wrong = (isWrong: (denial: (typeof all)[number]) => boolean): ReadonlyArray<string> =>
      all
        .filter(isWrong)
        .map(({ request, token, missing }) => [titleOf(request), nameOf(token), ...missing].join(' | '))

    it('are sufficient beside those of the token', () => {
      expect(all.filter(({ missing }) => missing.length > 0).length).toBeGreaterThan(300)
      expect(
        wrong(
          ({ request, token, missing }) => missing.length > 0 && isDenied(scopesWith(token, missing), request, token)
        )
      ).toEqual([])
    })

    it('are all necessary', () => {
      expect(
        wrong(({ request, token, missing }) =>
          missing.some(
            (one) =>
              !isDenied(
                scopesWith(
                  token,
                  missing.filter((other) => other !== one)
                ),
                request,
                token
              )
          )
        )
      ).toEqual([])
    })

    it('are none only where none would do', () => {
      expect(
        wrong(({ request, token, missing }) => {
          const most = token.isOfService === true ? ['system/*.cruds'] : ['patient/*.cruds', 'user/*.cruds']
          return missing.length === 0 && !isDenied(scopesWith(token, most), request, token)
        })
      ).toEqual([])
    })
  })
} else {
  // A mutation run plays one test for each request, because most mutants are found by the first one.
  const known = readFileSync(file, 'utf8').trimEnd().split('\n\n')
  it.each(parts.map((part, index) => ({ part, index })))('the decisions about request $index', ({ part, index }) => {
    expect(part()).toBe(known[index])
  })
}
