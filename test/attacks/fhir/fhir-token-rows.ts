/** The attacks on the FHIR endpoint by token. The token is checked before the gate decides. */
import * as Either from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'
import { atTheDoor, behind, factsFor, said, shownIn } from '../../support/fhir/behind-gate.js'
import { variant } from './gate-rows.js'
import { asserted, obtainTokens, revoke, withCallers } from '../../support/server/callers.js'
import type { AttackRow } from '../row.js'
import { leavesStoreAlone } from '../../support/server/stored.js'
import { documentAt } from '../../support/steps.js'
import type { Fixture } from '../../support/server-fixture.js'
import { get, issuer } from '../../support/server-fixture.js'
import { authorizationServer } from '../../../src/engine/server/authorization-server.js'
import type { PlainRequest } from '../../../src/protocol/http/message.js'

const bearing = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` })

const expectRefused = async (
  fixture: Fixture,
  status: number,
  error: string | null,
  request: PlainRequest
): Promise<void> => {
  const gate = behind()
  const response = await leavesStoreAlone(fixture, () => atTheDoor(fixture, gate, request))
  const challenge = String(response.headers['www-authenticate'])
  expect([response.status, /error="([^"]*)"/.exec(challenge)?.[1] ?? null]).toEqual([status, error])
  expect(challenge).toMatch(/^Bearer\b/)
  expect(gate.requests).toEqual([])
}

const expectInvalid = (fixture: Fixture, token: string): Promise<void> =>
  expectRefused(fixture, 401, 'invalid_token', get('/Patient/123', '', bearing(token)))

/** The same keys and store under another issuer and another FHIR base. */
const another = (fixture: Fixture, issuedBy: string, fhirBaseUrl: string): Fixture => {
  const built = authorizationServer({ issuer: issuedBy, fhirBaseUrl, policy: fixture.server.policy }, fixture.ports)
  if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
  return { ...fixture, server: built.right }
}

const row = (id: string, variants: AttackRow['variants'], more: Pick<AttackRow, 'differs'> = {}): AttackRow => ({
  id,
  variants,
  fixture: withCallers(),
  ...more
})

export const tokenRows: ReadonlyArray<AttackRow> = [
  row('FHR-01', [
    variant('no header: no error code', (fixture) => expectRefused(fixture, 401, null, get('/Patient/123'))),
    variant('"Bearer" alone, and other malformed headers', async (fixture) => {
      const { access } = await obtainTokens(fixture)
      for (const authorization of [
        'Bearer',
        'Bearer ',
        `Basic ${access}`,
        access,
        `Bearer ${access} x`,
        `Bearer\t${access}`,
        `Bearer "${access}"`
      ]) {
        await expectRefused(fixture, 401, 'invalid_token', get('/Patient/123', '', { authorization }))
      }
    }),
    variant('two Authorization headers, as a host joins them', async (fixture) => {
      const { access } = await obtainTokens(fixture)
      for (const glue of [', ', ',', '; ']) {
        await expectRefused(
          fixture,
          401,
          'invalid_token',
          get('/Patient/123', '', { authorization: [`Bearer ${access}`, `Bearer ${access}`].join(glue) })
        )
      }
    }),
    variant('a token in the header and in the form', async (fixture) => {
      const { access } = await obtainTokens(fixture)
      for (const body of [
        `access_token=${access}`,
        `code=x&access_token=${access}`,
        `code=x&access%5ftoken=${access}`
      ]) {
        await expectRefused(fixture, 400, 'invalid_request', {
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
      variant('in the query, alone or besides the header', async (fixture) => {
        const { access } = await obtainTokens(fixture)
        for (const query of [
          `access_token=${access}`,
          `_count=1&access_token=${access}`,
          `access%5Ftoken=${access}`,
          `%61ccess_token=${access}`
        ]) {
          await expectRefused(fixture, 400, 'invalid_request', get('/Patient/123', query))
          await expectRefused(fixture, 400, 'invalid_request', get('/Patient/123', query, bearing(access)))
        }
      })
    ],
    { differs: 'RFC 6750, section 3.1, gives invalid_request the status 400; it is refused all the same' }
  ),
  row('FHR-03', [
    variant("expired, revoked, another issuer's, another tenant's", async (fixture) => {
      const foreign = another(fixture, 'https://other.example', 'https://other.example/fhir')
      const tenant = another(fixture, `${issuer}/b`, 'https://ehr.example/b/fhir')
      for (const elsewhere of [foreign, tenant])
        await expectInvalid(
          fixture,
          (await obtainTokens(elsewhere, { aud: elsewhere.server.facts.fhirBaseUrl })).access
        )
      const { access } = await obtainTokens(fixture)
      await revoke(fixture, access)
      await expectInvalid(fixture, access)
      const { access: old } = await obtainTokens(fixture)
      fixture.clock.now += 3600
      await expectInvalid(fixture, old)
    })
  ]),
  row('FHR-04', [
    variant('the token of another base of the same issuer', async (fixture) => {
      const other = another(fixture, issuer, 'https://ehr.example/fhir/r3')
      const { access } = await obtainTokens(other, { aud: 'https://ehr.example/fhir/r3' })
      await expectInvalid(fixture, access)
    })
  ]),
  row('FHR-05', [
    variant('an id_token, a refresh token, a code, an assertion', async (fixture) => {
      const { code, id, refresh } = await obtainTokens(fixture)
      const { client_assertion: assertion = '' } = asserted(fixture, 'backend', issuer)
      for (const token of [id, refresh, code, assertion ?? '']) await expectInvalid(fixture, token)
    })
  ]),
  row('FHR-49', [
    variant('the public documents need no token', async (fixture) => {
      expect((await documentAt(fixture, '/fhir/.well-known/smart-configuration'))['issuer']).toBe(issuer)
      const gate = behind({ answers: { 'GET /metadata': said(200, { resourceType: 'CapabilityStatement' }) } })
      const answer = await gate.pass({ ...factsFor(''), context: {} }, get('/metadata'))
      expect([answer.status, answer.body]).toEqual([200, '{"resourceType":"CapabilityStatement"}'])
    }),
    variant('what only begins like them does', async (fixture) => {
      for (const path of [
        '/metadata/../Patient/b',
        '/metadata/%2e%2e/Patient/b',
        '/metadata/Patient/b',
        '//metadata',
        '/metadata;/Patient/b'
      ]) {
        await expectRefused(fixture, 401, null, get(path))
        const gate = behind()
        const answer = await gate.ask('', 'GET', path)
        expect([answer.status >= 400, shownIn(answer), gate.requests]).toEqual([true, [], []])
      }
    })
  ])
]

/** A living token reaches the gate, and the gate lets its own patient through. */
export const tokenControl = variant(
  'the token of an app opens the door, whatever the case of the scheme',
  async (fixture) => {
    const { access } = await obtainTokens(fixture)
    const gate = behind({ answers: { 'GET /Patient/123': said(200, { resourceType: 'Patient', id: '123' }) } })
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const answer = await atTheDoor(fixture, gate, get('/Patient/123', '', { authorization: `${scheme} ${access}` }))
      expect([answer.status, shownIn(answer)]).toEqual([200, ['Patient/123']])
    }
  }
)
