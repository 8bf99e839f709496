/** The attacks on an app: what it must refuse, and what it must never send. */
import * as Either from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'
import type { AttackRow } from '../row.js'
import { attackGroup } from '../row.js'
import type { Parties, PartyOptions, Sent } from '../../support/app/parties.js'
import { appSecret, begin, complete, consent, good, newParties, tokenRequests } from '../../support/app/parties.js'
import { fhirBaseUrl, issuer } from '../../support/server-fixture.js'
import { systemRandom } from '../../../src/adapters/system.js'
import type { AppFailure } from '../../../src/protocol/app/failure.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import type { OutgoingRequest } from '../../../src/protocol/http/outgoing-request.js'

const ownWorld = 'the row has an app and a server of its own'

/** Hands a redirect to the app; gives why it was refused. */
const refusedBack = async (
  { app }: Parties,
  launchIds: ReadonlyArray<string>,
  query: string
): Promise<AppFailure['_tag'] | 'taken'> => {
  const answer = await app.callback({ launchIds, query })()
  return Either.isLeft(answer) ? answer.left._tag : 'taken'
}

const without = (query: string, name: string): string => {
  const parameters = new URLSearchParams(query)
  parameters.delete(name)
  return parameters.toString()
}

const withValue = (query: string, name: string, value: string): string => {
  const parameters = new URLSearchParams(query)
  parameters.set(name, value)
  return parameters.toString()
}

const changing =
  (address: RegExp, change: (body: Readonly<Record<string, unknown>>) => object): NonNullable<PartyOptions['tamper']> =>
  ({ url }: OutgoingRequest, response: PlainResponse) =>
    address.test(url)
      ? { ...response, body: JSON.stringify(change(JSON.parse(response.body) as Readonly<Record<string, unknown>>)) }
      : response

const toToken = (sent: ReadonlyArray<Sent>): number => tokenRequests(sent).length

const stateRow = (name: string, change: (query: string) => string, expected: string) => ({
  name,
  run: async () => {
    const parties = newParties()
    const { launchId, query } = await begin(parties)
    expect(await refusedBack(parties, [launchId], change(await consent(parties.fixture, query)))).toBe(expected)
    expect(toToken(parties.sent)).toBe(0)
  }
})

const issRow = (name: string, change: (query: string) => string, expected: string) => stateRow(name, change, expected)

const discoveryRow = (name: string, options: PartyOptions, expected: AppFailure['_tag']) => ({
  name,
  run: async () => {
    const parties = newParties({ method: 'client_secret_basic', ...options })
    expect(await parties.app.launch({ _tag: 'Standalone', iss: fhirBaseUrl })()).toMatchObject({
      left: { _tag: expected }
    })
    expect(JSON.stringify(parties.sent.map(({ request }) => request))).not.toContain(encodeURIComponent(appSecret))
    expect(toToken(parties.sent)).toBe(0)
  }
})

const configuration = /smart-configuration$/

const scopeRow = (
  name: string,
  change: (body: Readonly<Record<string, unknown>>) => object,
  look: (parties: Parties, sessionId: string) => Promise<void>
) => ({
  name,
  run: async () => {
    const parties = newParties({
      tamper: changing(/\/token$/, change),
      settings: { scope: 'launch/patient patient/*.rs' }
    })
    await look(parties, await complete(parties))
  }
})

const referenceRow = (url: string, expected = 'AddressElsewhere') => ({
  name: url,
  run: async () => {
    const parties = newParties({ elsewhere: () => ({ status: 200, headers: {}, body: '{}' }) })
    const sessionId = await complete(parties)
    const before = parties.sent.length
    expect(await parties.app.fhir(sessionId, { url })()).toMatchObject({ left: { _tag: expected } })
    expect(parties.sent).toHaveLength(before)
  }
})

const rows: ReadonlyArray<AttackRow> = [
  {
    id: 'CLI-01',
    once: ownWorld,
    variants: [
      stateRow('another state', (query) => withValue(query, 'state', 's'.repeat(43)), 'StateDiffers'),
      stateRow('no state', (query) => without(query, 'state'), 'StateMissing'),
      stateRow('an empty state', (query) => withValue(query, 'state', ''), 'StateMissing'),
      stateRow('two states', (query) => `${query}&state=x`, 'CallbackParameterRepeated'),
      stateRow('an error without the state', () => 'error=access_denied&state=x', 'StateDiffers'),
      {
        name: 'the same state a second time',
        run: async () => {
          const parties = newParties()
          const { launchId, query } = await begin(parties)
          const redirect = await consent(parties.fixture, query)
          const first = good(await parties.app.callback({ launchIds: [launchId], query: redirect })())
          const again = good(await parties.app.callback({ launchIds: [launchId], query: redirect })())
          expect([again.sessionId, toToken(parties.sent)]).toEqual([first.sessionId, 1])
        }
      },
      {
        name: 'the same state twice at once',
        run: async () => {
          const parties = newParties()
          const { launchId, query } = await begin(parties)
          const redirect = await consent(parties.fixture, query)
          const answers = await Promise.all([
            refusedBack(parties, [launchId], redirect),
            refusedBack(parties, [launchId], redirect)
          ])
          expect(answers).toEqual(['taken', 'taken'])
          expect(toToken(parties.sent)).toBe(1)
        }
      },
      {
        name: 'a used state with a code that is not the one that was redeemed: who planted the launch gets nothing',
        run: async () => {
          const parties = newParties()
          const { launchId, query } = await begin(parties)
          const redirect = await consent(parties.fixture, query)
          expect(await refusedBack(parties, [launchId], redirect)).toBe('taken')
          for (const other of [withValue(redirect, 'code', 'guessed'), without(redirect, 'code')])
            expect(await refusedBack(parties, [launchId], other)).toBe('StateUsed')
          expect(toToken(parties.sent)).toBe(1)
        }
      },
      {
        name: 'a used state in another browser, after signing out, and with another iss',
        run: async () => {
          const parties = newParties()
          const { launchId, query } = await begin(parties)
          const redirect = await consent(parties.fixture, query)
          const { sessionId } = good(await parties.app.callback({ launchIds: [launchId], query: redirect })())
          expect(await refusedBack(parties, [], redirect)).toBe('StateDiffers')
          expect(await refusedBack(parties, ['another'], redirect)).toBe('StateDiffers')
          expect(await refusedBack(parties, [launchId], withValue(redirect, 'iss', 'https://evil.example'))).toBe(
            'ResponseIssuerDiffers'
          )
          good(await parties.app.signOut(sessionId)())
          const requests = toToken(parties.sent)
          expect(await refusedBack(parties, [launchId], redirect)).toBe('StateUsed')
          expect(toToken(parties.sent)).toBe(requests)
        }
      },
      {
        name: 'the launch and the session of another app on the same store',
        run: async () => {
          const parties = newParties()
          const other = newParties({ ports: parties.ports, server: { clientId: 'another-app' } })
          const { launchId, query } = await begin(parties)
          const redirect = await consent(parties.fixture, query)
          expect(await refusedBack({ ...parties, app: other.app }, [launchId], redirect)).toBe('StateDiffers')
          const { sessionId } = good(await parties.app.callback({ launchIds: [launchId], query: redirect })())
          expect(await refusedBack({ ...parties, app: other.app }, [launchId], redirect)).toBe('StateDiffers')
          for (const used of [
            other.app.session(sessionId),
            other.app.accessToken(sessionId),
            other.app.fhir(sessionId, { url: 'Patient' }),
            other.app.remaining(sessionId),
            other.app.signOut(sessionId)
          ])
            expect(await used()).toEqual(Either.left({ _tag: 'SessionUnknown' }))
        }
      },
      {
        name: 'the state of another browser',
        run: async () => {
          const parties = newParties()
          const [hers, his] = [await begin(parties), await begin(parties)]
          expect(await refusedBack(parties, [hers.launchId], await consent(parties.fixture, his.query))).toBe(
            'StateDiffers'
          )
          expect(await refusedBack(parties, [], await consent(parties.fixture, hers.query))).toBe('StateDiffers')
          expect(toToken(parties.sent)).toBe(0)
        }
      }
    ]
  },
  {
    id: 'CLI-02',
    once: ownWorld,
    variants: [
      issRow('no iss', (query) => without(query, 'iss'), 'ResponseIssuerMissing'),
      issRow(
        'the iss of another server',
        (query) => withValue(query, 'iss', 'https://evil.example'),
        'ResponseIssuerDiffers'
      ),
      issRow(
        'the iss with a slash at its end',
        (query) => withValue(query, 'iss', `${issuer}/`),
        'ResponseIssuerDiffers'
      ),
      issRow('two iss', (query) => `${query}&iss=${encodeURIComponent(issuer)}`, 'CallbackParameterRepeated')
    ]
  },
  {
    id: 'CLI-04',
    once: ownWorld,
    variants: [
      discoveryRow(
        'token_endpoint on another host',
        { tamper: changing(configuration, (body) => ({ ...body, token_endpoint: 'https://evil.example/token' })) },
        'EndpointElsewhere'
      ),
      discoveryRow(
        'token_endpoint on another port',
        { tamper: changing(configuration, (body) => ({ ...body, token_endpoint: 'https://ehr.example:8443/token' })) },
        'EndpointElsewhere'
      ),
      discoveryRow(
        'token_endpoint that begins like the host',
        {
          tamper: changing(configuration, (body) => ({
            ...body,
            token_endpoint: 'https://ehr.example.evil.example/token'
          }))
        },
        'EndpointElsewhere'
      ),
      discoveryRow(
        'token_endpoint with another user and host',
        {
          tamper: changing(configuration, (body) => ({
            ...body,
            token_endpoint: 'https://ehr.example@evil.example/token'
          }))
        },
        'EndpointInsecure'
      ),
      discoveryRow(
        'token_endpoint relative to another host',
        { tamper: changing(configuration, (body) => ({ ...body, token_endpoint: '//evil.example/token' })) },
        'EndpointElsewhere'
      ),
      discoveryRow(
        'token_endpoint without TLS',
        { tamper: changing(configuration, (body) => ({ ...body, token_endpoint: 'http://ehr.example/token' })) },
        'EndpointInsecure'
      ),
      discoveryRow(
        'authorization_endpoint on another host',
        {
          tamper: changing(configuration, (body) => ({
            ...body,
            authorization_endpoint: 'https://evil.example/authorize'
          }))
        },
        'EndpointElsewhere'
      ),
      discoveryRow(
        'authorization_endpoint that is a script',
        { tamper: changing(configuration, (body) => ({ ...body, authorization_endpoint: 'javascript:alert(1)' })) },
        'EndpointInsecure'
      ),
      {
        name: 'the request goes to the trusted server, not where the launch says',
        run: async () => {
          const parties = newParties()
          const query = new URLSearchParams({ iss: 'https://evil.example.invalid/fhir', launch: 'x' }).toString()
          expect(await parties.app.launch({ _tag: 'EhrLaunch', query })()).toMatchObject({
            left: { _tag: 'IssNotTrusted' }
          })
          expect(parties.sent).toEqual([])
        }
      }
    ]
  },
  {
    id: 'CLI-05',
    once: ownWorld,
    variants: [
      discoveryRow(
        "the issuer's own document names another",
        { tamper: changing(/openid-configuration$/, (body) => ({ ...body, issuer: 'https://other.example' })) },
        'IssuerDiffers'
      ),
      discoveryRow(
        'it differs by a slash',
        { tamper: changing(/openid-configuration$/, (body) => ({ ...body, issuer: `${issuer}/` })) },
        'IssuerDiffers'
      ),
      discoveryRow(
        'it is not the one of the settings',
        { server: { issuer: 'https://ehr.example/tenant' } },
        'IssuerDiffers'
      ),
      discoveryRow(
        'it is on another host',
        { tamper: changing(configuration, (body) => ({ ...body, issuer: 'https://other.example' })) },
        'EndpointElsewhere'
      )
    ]
  },
  {
    id: 'CLI-07',
    once: ownWorld,
    variants: [
      {
        name: 'address, state, requests, failures and store',
        run: async () => {
          const parties = newParties()
          const { launchId, query } = await begin(parties)
          const verifierless = JSON.stringify(await parties.ports.store.load('x')())
          const redirect = await consent(parties.fixture, query)
          good(await parties.app.callback({ launchIds: [launchId], query: redirect })())
          const [exchange] = tokenRequests(parties.sent)
          const verifier = new URLSearchParams(exchange?.body).get('code_verifier') ?? ''
          expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/)
          const elsewhere = [
            query,
            redirect,
            verifierless,
            ...parties.sent.filter(({ request }) => request !== exchange).map((one) => JSON.stringify(one))
          ]
          const stored =
            'entries' in parties.ports.store
              ? JSON.stringify((parties.ports.store as { readonly entries: () => unknown }).entries())
              : ''
          expect(stored).toContain('app-session:')
          expect([...elsewhere, stored].filter((text) => text.includes(verifier))).toEqual([])
          expect(stored).not.toContain(launchId)
        }
      }
    ]
  },
  {
    id: 'CLI-10',
    once: ownWorld,
    variants: [
      scopeRow(
        'fewer scopes',
        (body) => ({ ...body, scope: 'launch/patient patient/Observation.rs' }),
        async ({ app }, sessionId) => {
          const facts = good(await app.session(sessionId)())
          expect(facts.comparison.verdict).toBe('narrowed')
          expect(facts.grantedScope).toBe('launch/patient patient/Observation.rs')
        }
      ),
      scopeRow(
        'other scopes',
        (body) => ({ ...body, scope: 'user/*.cruds' }),
        async ({ app }, sessionId) => {
          const { comparison } = good(await app.session(sessionId)())
          expect(comparison).toMatchObject({ verdict: 'different', excess: 'user/*.cruds' })
          expect(await app.accessToken(sessionId, { scope: 'patient/*.rs' })()).toMatchObject({
            left: { _tag: 'ScopeNotGranted' }
          })
        }
      ),
      scopeRow(
        'no scope at all',
        (body) => ({ ...body, scope: '' }),
        async ({ app }, sessionId) => {
          expect(good(await app.session(sessionId)()).comparison.verdict).toBe('narrowed')
        }
      ),
      scopeRow(
        'no patient',
        (body) => ({ ...body, patient: undefined }),
        async ({ app }, sessionId) => {
          expect(good(await app.session(sessionId)()).context.patient).toBeUndefined()
        }
      ),
      {
        name: 'a patient that is no text',
        run: async () => {
          const parties = newParties({ tamper: changing(/\/token$/, (body) => ({ ...body, patient: 123 })) })
          const { launchId, query } = await begin(parties)
          expect(await refusedBack(parties, [launchId], await consent(parties.fixture, query))).toBe(
            'TokenResponseMalformed'
          )
        }
      }
    ]
  },
  {
    id: 'CLI-11',
    once: ownWorld,
    variants: [
      ...[
        'https://evil.example/fhir/Patient/1',
        'https://ehr.example.evil.example/fhir/Patient/1',
        'https://ehr.example/fhirish/Patient/1',
        'https://ehr.example/other',
        'https://ehr.example:444/fhir/Patient/1',
        'http://ehr.example/fhir/Patient/1',
        '//evil.example/fhir',
        'https://ehr.example/fhir/../admin',
        'https://ehr.example/fhir/%2e%2e/admin',
        'https://ehr.example/fhir/..%2fadmin',
        'https://ehr.example/fhir\\..\\admin',
        '../admin',
        '/admin',
        'https://user@ehr.example/fhir/Patient/1',
        'HTTPS://EHR.example:8443/fhir/Patient/1'
      ].map((url) => referenceRow(url)),
      referenceRow('Patient/1?access_token=x', 'TokenInAddress')
    ]
  },
  {
    id: 'CLI-12',
    once: ownWorld,
    differs:
      'a hundred thousand draws instead of a million: of 256 random bits a million tell no more, and take ' +
      'fifteen seconds',
    variants: [
      {
        name: 'a hundred thousand draws, and the values of a thousand launches',
        run: async () => {
          const randomValues = new Set<string>()
          for (let generated = 0; generated < 100_000; generated++) randomValues.add(systemRandom.token())
          expect(randomValues.size).toBe(100_000)
          const values = new Set<string>()
          const parties = newParties({ ports: { random: systemRandom } })
          for (let launch = 0; launch < 1000; launch++) {
            const { query } = await begin(parties)
            const parameters = new URLSearchParams(query)
            for (const name of ['state', 'nonce', 'code_challenge']) values.add(parameters.get(name) ?? '')
          }
          expect(values.size).toBe(3000)
          // 43 characters of base64url are 256 bits.
          expect(
            [...values, ...[...randomValues].slice(0, 1000)].every((value) => /^[A-Za-z0-9_-]{43}$/.test(value))
          ).toBe(true)
        }
      }
    ]
  },
  {
    id: 'CLI-13',
    once: ownWorld,
    variants: [
      {
        name: 'two tabs, and ten',
        run: async () => {
          for (const tabs of [2, 10]) {
            const parties = newParties()
            const sessionId = await complete(parties)
            parties.fixture.clock.now += 3601
            const tokens = await Promise.all(Array.from({ length: tabs }, () => parties.app.accessToken(sessionId)()))
            expect(new Set(tokens.map((token) => good(token).accessToken)).size).toBe(1)
            expect(toToken(parties.sent)).toBe(2)
            expect(good(await parties.app.fhir(sessionId, { url: 'Patient/123' })()).status).toBe(200)
            parties.fixture.clock.now += 3601
            expect(Either.isRight(await parties.app.accessToken(sessionId)())).toBe(true)
          }
        }
      }
    ]
  }
]

attackGroup({
  endpoint: 'client',
  rows,
  controls: [
    {
      name: 'a legitimate launch is accepted',
      run: async () => {
        expect(good(await newParties().app.launch({ _tag: 'Standalone', iss: fhirBaseUrl })()).redirect._tag).toBe(
          'Get'
        )
      }
    },
    {
      name: 'a legitimate redirect opens a session, and the token goes to the FHIR server',
      run: async () => {
        const parties = newParties({ method: 'client_secret_basic' })
        const sessionId = await complete(parties)
        expect(good(await parties.app.fhir(sessionId, { url: `${fhirBaseUrl}/Patient?name=x` })()).status).toBe(200)
      }
    }
  ]
})
