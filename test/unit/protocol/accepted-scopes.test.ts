/** What the authorization endpoint accepts is not refused later for what it would cost to compare. */
import * as Either from 'fp-ts/lib/Either.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { waiting } from '../../support/server/conversation.js'
import {
  alice,
  authorize,
  bodyOf,
  clients,
  exchange,
  isAlive,
  newFixture,
  redirected,
  refresh
} from '../../support/server-fixture.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import { intersect, narrowed } from '../../../src/scopes/set-operations.js'
import { format } from '../../../src/scopes/format.js'
import { parse } from '../../../src/scopes/parse.js'
import { coveredBy } from '../../../src/scopes/subsumes.js'
import { compile } from '../../../src/scopes/compile.js'

const list = (letter: string, size: number): string =>
  Array.from({ length: size }, (_, place) => `${letter}${String(place)}`).join(',')

/** Scopes of a few thousand pieces: comma lists that multiply, and lists of scopes. */
const heavyScope = fc
  .record({
    permissions: fc.constantFrom('r', 'rs', 'cruds'),
    type: fc.constantFrom('Observation', 'Condition', '*'),
    code: fc.integer({ min: 1, max: 90 }),
    category: fc.integer({ min: 0, max: 60 }),
    letter: fc.constantFrom('a', 'b', 'c')
  })
  .map(
    ({ permissions, type, code, category, letter }) =>
      `patient/${type}.${permissions}?code=${list(letter, code)}` +
      (category === 0 ? '' : `&category=${list(letter, category)}`)
  )

const manyScopes = fc
  .record({ size: fc.integer({ min: 1, max: 400 }), name: fc.constantFrom('code', 'category', 'name') })
  .map(({ size, name }) =>
    Array.from(
      { length: size },
      (_, place) => `patient/${name === 'name' ? 'Patient' : 'Observation'}.rs?${name}=${String(place)}`
    ).join(' ')
  )

const heavy = fc
  .array(fc.oneof(heavyScope, manyScopes, fc.constant('patient/*.r'), fc.constant('patient/Observation.rs')), {
    minLength: 1,
    maxLength: 4
  })
  .map((scopes) => `launch/patient offline_access ${scopes.join(' ')}`)

const part = (scope: string, seed: number): string =>
  scope
    .split(' ')
    .filter((_text, place) => (place * 7 + seed) % 3 !== 0)
    .join(' ')

describe('what was accepted', () => {
  it('is granted as far as it is permitted, approved, registered and requested again, whatever those say', async () => {
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(
        heavy,
        heavy,
        heavy,
        fc.nat(2),
        fc.boolean(),
        async (requestedScope, permitted, registered, seed, isSubset) => {
          const register = { now: parse('launch/patient offline_access patient/*.cruds') }
          const fixture = newFixture({
            ports: {
              clients: {
                ...memoryClients(clients),
                find: (id) => memoryClients(clients.map((client) => ({ ...client, scope: register.now }))).find(id)
              },
              accessPolicy: {
                permittedScopes: (_user, _client, requested) =>
                  TaskEither.right(parse(isSubset ? part(format(requested), seed) : permitted))
              }
            }
          })
          const begun = await authorize(fixture, { scope: requestedScope })
          if (!('interaction' in begun)) return
          accepted += 1
          const refusals = () => fixture.audited.flatMap(({ refusal }) => (refusal === null ? [] : [refusal._tag]))
          const signedIn = await fixture.server.interaction.userSignedIn(begun.interaction, alice)()
          const chosen =
            signedIn._tag === 'NeedsContext'
              ? await fixture.server.interaction.contextChosen(signedIn.interaction, { patient: '123' })()
              : signedIn
          if ('interaction' in chosen) {
            const agreed = await fixture.server.interaction.consentGiven(
              chosen.interaction,
              parse(part(format(chosen.details.scopes), seed + 1))
            )()
            const code = redirected(agreed)?.get('code')
            if (code !== null && code !== undefined) {
              register.now = parse(`offline_access ${registered}`)
              const tokens = bodyOf(await exchange(fixture, code))
              if ('access_token' in tokens) await isAlive(fixture, String(tokens['access_token']))
              if ('refresh_token' in tokens)
                await refresh(fixture, String(tokens['refresh_token']), {
                  scope: part(String(tokens['scope']), seed + 2)
                })
            }
          }
          expect(refusals()).not.toContain('ScopeTooComplex')
        }
      ),
      { numRuns: 20 }
    )
    expect(accepted).toBeGreaterThan(4)
  }, 120_000)

  it('is granted in the same words where it is approved in part, however much that is', () => {
    fc.assert(
      fc.property(heavy, fc.nat(2), (text, seed) => {
        const granted = parse(text)
        if (Either.isLeft(intersect(granted, parse('launch/patient offline_access patient/*.cruds')))) return
        const some = parse(part(text, seed))
        const left = narrowed(granted, some)
        expect(coveredBy(compile(left), some)).toBe(true)
        expect(coveredBy(compile(some), left)).toBe(true)
      }),
      { numRuns: 15 }
    )
  }, 120_000)

  it('is a scope of many pieces too, which is compared with itself', async () => {
    const fixture = newFixture()
    const scope = `launch/patient patient/Observation.rs?category=${list('v', 100)}&code=${list('w', 90)}`
    const requested = waiting(await authorize(fixture, { scope }))
    expect((await fixture.server.interaction.userSignedIn(requested.interaction, alice)())._tag).toBe('NeedsContext')
  })
})

describe('what would cost too much to know', () => {
  const granted = parse(
    Array.from({ length: 200 }, (_, place) => `patient/Observation.r?code=${String(place)}`).join(' ')
  )

  it('is left out: what stands there in the same words, or is permitted without a query, is not', () => {
    const categories = Array.from(
      { length: 200 },
      (_, place) => `patient/Observation.r?category=${String(place)}`
    ).join(' ')
    expect(intersect(granted, parse(categories))._tag).toBe('Left')
    expect(format(narrowed(granted, parse(`${categories} patient/Observation.r?code=7`)))).toBe(
      'patient/Observation.r?code=7'
    )
    expect(narrowed(granted, parse(`${categories} patient/Observation.rs`))).toEqual(granted)
  })
})
