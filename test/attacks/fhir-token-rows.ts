/** The attacks on the FHIR endpoint that are about the token: it is asked for at the door, before the gate. */
import * as Either from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'
import type { Behind } from './behind-gate.js'
import { behind, factsFor, said, shownIn, variant } from './behind-gate.js'
import { asserted, obtainTokens, revoke, withCallers } from './callers.js'
import type { AttackRow } from './row.js'
import { leavesStoreAlone } from './row.js'
import { documentAt } from '../conformance/steps.js'
import type { World } from '../simulation/world.js'
import { get, issuer } from '../simulation/world.js'
import { tokenRefused } from '../../src/cli/simulator/fhir-responses.js'
import { authorizationServer } from '../../src/engine/server.js'
import type { PlainRequest, PlainResponse } from '../../src/messages/http.js'

/** The server's answer to a request with a token, or to one without. */
export const atTheDoor = async (world: World, gate: Behind, request: PlainRequest): Promise<PlainResponse> => {
  const found = await world.server.bearer(request)()
  return Either.isLeft(found) ? tokenRefused(found.left) : gate.pass(found.right, request)
}

const bearing = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` })

const expectRefused = async (
  world: World,
  status: number,
  error: string | null,
  request: PlainRequest
): Promise<void> => {
  const gate = behind()
  const response = await leavesStoreAlone(world, () => atTheDoor(world, gate, request))
  const challenge = String(response.headers['www-authenticate'])
  expect([response.status, /error="([^"]*)"/.exec(challenge)?.[1] ?? null]).toEqual([status, error])
  expect(challenge).toMatch(/^Bearer\b/)
  expect(gate.asked).toEqual([])
}

const expectInvalid = (world: World, token: string): Promise<void> =>
  expectRefused(world, 401, 'invalid_token', get('/Patient/123', '', bearing(token)))

/** The same keys and store under another issuer and another FHIR base. */
const another = (world: World, issuedBy: string, fhirBaseUrl: string): World => {
  const built = authorizationServer({ issuer: issuedBy, fhirBaseUrl, policy: world.server.policy }, world.ports)
  if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
  return { ...world, server: built.right }
}

const row = (id: string, variants: AttackRow['variants'], more: Pick<AttackRow, 'differs'> = {}): AttackRow => ({
  id,
  variants,
  world: withCallers(),
  ...more
})

export const tokenRows: ReadonlyArray<AttackRow> = [
  row('FHR-01', [
    variant('no header: no error code', (world) => expectRefused(world, 401, null, get('/Patient/123'))),
    variant('"Bearer" alone, and other malformed headers', async (world) => {
      const { access } = await obtainTokens(world)
      for (const authorization of [
        'Bearer',
        'Bearer ',
        `Basic ${access}`,
        access,
        `Bearer ${access} x`,
        `Bearer\t${access}`,
        `Bearer "${access}"`
      ]) {
        await expectRefused(world, 401, 'invalid_token', get('/Patient/123', '', { authorization }))
      }
    }),
    variant('two Authorization headers, as a host joins them', async (world) => {
      const { access } = await obtainTokens(world)
      for (const glue of [', ', ',', '; ']) {
        await expectRefused(
          world,
          401,
          'invalid_token',
          get('/Patient/123', '', { authorization: [`Bearer ${access}`, `Bearer ${access}`].join(glue) })
        )
      }
    }),
    variant('a token in the header and in the form', async (world) => {
      const { access } = await obtainTokens(world)
      for (const body of [
        `access_token=${access}`,
        `code=x&access_token=${access}`,
        `code=x&access%5ftoken=${access}`
      ]) {
        await expectRefused(world, 400, 'invalid_request', {
          method: 'POST',
          path: '/Observation/_search',
          query: '',
          body,
          headers: { ...bearing(access), 'content-type': 'application/x-www-form-urlencoded' }
        })
      }
    })
  ]),
  row(
    'FHR-02',
    [
      variant('in the query, alone or besides the header', async (world) => {
        const { access } = await obtainTokens(world)
        for (const query of [
          `access_token=${access}`,
          `_count=1&access_token=${access}`,
          `access%5Ftoken=${access}`,
          `%61ccess_token=${access}`
        ]) {
          await expectRefused(world, 400, 'invalid_request', get('/Patient/123', query))
          await expectRefused(world, 400, 'invalid_request', get('/Patient/123', query, bearing(access)))
        }
      })
    ],
    { differs: 'RFC 6750, section 3.1, gives invalid_request the status 400; it is refused all the same' }
  ),
  row('FHR-03', [
    variant("expired, revoked, another issuer's, another tenant's", async (world) => {
      const foreign = another(world, 'https://other.example', 'https://other.example/fhir')
      const tenant = another(world, `${issuer}/b`, 'https://ehr.example/b/fhir')
      for (const elsewhere of [foreign, tenant])
        await expectInvalid(world, (await obtainTokens(elsewhere, { aud: elsewhere.server.facts.fhirBaseUrl })).access)
      const { access } = await obtainTokens(world)
      await revoke(world, access)
      await expectInvalid(world, access)
      const { access: old } = await obtainTokens(world)
      world.clock.now += 3600
      await expectInvalid(world, old)
    })
  ]),
  row('FHR-04', [
    variant('the token of another base of the same issuer', async (world) => {
      const other = another(world, issuer, 'https://ehr.example/fhir/r3')
      const { access } = await obtainTokens(other, { aud: 'https://ehr.example/fhir/r3' })
      await expectInvalid(world, access)
    })
  ]),
  row('FHR-05', [
    variant('an id_token, a refresh token, a code, an assertion', async (world) => {
      const { code, id, refresh } = await obtainTokens(world)
      const { client_assertion: assertion = '' } = asserted(world, 'backend', issuer)
      for (const token of [id, refresh, code, assertion ?? '']) await expectInvalid(world, token)
    })
  ]),
  row('FHR-49', [
    variant('the public documents need no token', async (world) => {
      expect((await documentAt(world, '/fhir/.well-known/smart-configuration'))['issuer']).toBe(issuer)
      const gate = behind({ answers: { 'GET /metadata': said(200, { resourceType: 'CapabilityStatement' }) } })
      const answer = await gate.pass({ ...factsFor(''), context: {} }, get('/metadata'))
      expect([answer.status, answer.body]).toEqual([200, '{"resourceType":"CapabilityStatement"}'])
    }),
    variant('what only begins like them does', async (world) => {
      for (const path of [
        '/metadata/../Patient/b',
        '/metadata/%2e%2e/Patient/b',
        '/metadata/Patient/b',
        '//metadata',
        '/metadata;/Patient/b'
      ]) {
        await expectRefused(world, 401, null, get(path))
        const gate = behind()
        const answer = await gate.ask('', 'GET', path)
        expect([answer.status >= 400, shownIn(answer), gate.asked]).toEqual([true, [], []])
      }
    })
  ])
]

/** A living token reaches the gate, and the gate lets its own patient through. */
export const tokenControl = variant(
  'the token of an app opens the door, whatever the case of the scheme',
  async (world) => {
    const { access } = await obtainTokens(world)
    const gate = behind({ answers: { 'GET /Patient/123': said(200, { resourceType: 'Patient', id: '123' }) } })
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const answer = await atTheDoor(world, gate, get('/Patient/123', '', { authorization: `${scheme} ${access}` }))
      expect([answer.status, shownIn(answer)]).toEqual([200, ['Patient/123']])
    }
  }
)
