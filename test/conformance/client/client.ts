/**
 * The requirements whose actor is the client, of every area: what shows that the app's side meets them.
 *
 * A launch against the real engine is looked at from outside: what the app sent, and what it made of the answers.
 */
import { expect } from 'vitest'
import { clientAuthenticationRows } from './client-authentication.js'
import { identityRows } from './client-identity.js'
import type { Outside, Shown } from '../matrix.js'
import { registrationRows } from './client-registration.js'
import { tokenRows } from './client-tokens.js'
import { answer, elsewhere, launchOf, refusedLaunch } from '../../support/app/client-trace.js'
import { begin, complete, consent, everyMethod, good, newParties, tokenRequests } from '../../support/app/parties.js'
import { fhirBaseUrl, issuer, redirectUri, sha256 } from '../../support/server-fixture.js'
import { defaultAppSettings, smartApp } from '../../../src/engine/app/smart-app.js'
import { redirectTo } from '../../../src/protocol/app/requests.js'
import { supportedSets } from '../../../src/protocol/discovery/capability-sets.js'
import { discoveryUrl } from '../../../src/protocol/discovery/endpoint-url.js'
import { fhirUrl } from '../../../src/protocol/app/fhir-url.js'
import { readForm } from '../../../src/protocol/http/form.js'
import { chooseAuthentication, trustList } from '../../../src/protocol/app/trusted-server.js'
import { parse } from '../../../src/scopes/parse.js'

const authorization = {
  clientId: 'app',
  redirectUri: 'https://app.example/cb',
  scope: 'a b',
  state: 's&=+ é',
  audience: fhirBaseUrl,
  launch: null,
  codeChallenge: 'c',
  nonce: null
}

const discoveryRows: ReadonlyArray<Shown> = [
  {
    ids: ['DIS-001'],
    by: 'one slash between base and document, whatever the base',
    run: () => {
      expect(['https://e.example/a', 'https://e.example/a/', 'https://e.example'].map(discoveryUrl)).toEqual(
        ['https://e.example/a', 'https://e.example/a', 'https://e.example'].map(
          (base) => `${base}/.well-known/smart-configuration`
        )
      )
    }
  },
  {
    ids: ['DIS-002', 'DIS-038', 'DIS-066'],
    by: 'app and backend service ask by GET, and say that they take JSON, although they need not',
    run: async () => {
      for (const { sent } of [await launchOf(), await launchOf('backend')]) {
        expect(sent[0]?.request).toMatchObject({
          method: 'GET',
          url: `${fhirBaseUrl}/.well-known/smart-configuration`,
          headers: { accept: 'application/json' }
        })
      }
    }
  },
  {
    ids: ['DIS-004'],
    by: 'no redirect without both endpoints',
    run: async () => {
      for (const member of ['token_endpoint', 'authorization_endpoint']) {
        expect(
          await refusedLaunch(answer('smart-configuration', (body) => ({ ...body, [member]: undefined })))
        ).toMatchObject({ _tag: 'EndpointMissing', member })
      }
    }
  },
  {
    ids: ['DIS-008'],
    by: 'a set is supported with all its capabilities, and with none of them left out',
    run: () => {
      const needed = [
        'launch-ehr',
        'client-public',
        'context-ehr-patient',
        'context-ehr-encounter',
        'permission-patient',
        'permission-user',
        'sso-openid-connect',
        'permission-v1',
        'permission-v2',
        'launch-standalone',
        'context-standalone-patient',
        'client-confidential-symmetric',
        'permission-offline',
        'context-banner',
        'context-style'
      ]
      expect(supportedSets(needed).length).toBeGreaterThan(1)
      expect(supportedSets(needed.filter((one) => one !== 'permission-patient')).length).toBeLessThan(
        supportedSets(needed).length
      )
      expect(supportedSets([])).toEqual([])
    }
  },
  {
    ids: ['DIS-053'],
    by: 'the app asks for its own scopes, whatever scopes_supported lists',
    run: async () => {
      const parties = newParties({
        tamper: answer('smart-configuration', (body) => ({ ...body, scopes_supported: ['nothing'] })).tamper
      })
      expect(new URLSearchParams((await begin(parties)).query).get('scope')).toContain('patient/*.rs')
    }
  },
  {
    ids: ['DIS-103'],
    by: 'without a list of methods a secret is sent as HTTP Basic',
    run: () => {
      const server = {
        fhirBaseUrl,
        clientId: 'a',
        redirectUri: '',
        authentication: [{ method: 'client_secret_basic' as const, clientSecret: 's' }]
      }
      expect(good(chooseAuthentication(server, null)).method).toBe('client_secret_basic')
    }
  },
  {
    ids: ['DIS-106'],
    by:
      "the issuer's document names the issuer whose document was fetched, or the launch ends; the SMART " +
      'configuration stands at another address',
    run: async () => {
      expect(
        await refusedLaunch(answer('openid-configuration', (body) => ({ ...body, issuer: `${issuer}/` })))
      ).toMatchObject({ _tag: 'IssuerDiffers' })
      expect((await launchOf()).facts?.binding.issuer).toBe(issuer)
    }
  },
  {
    ids: ['DIS-202'],
    by: 'relative endpoints are below the FHIR base URL with a slash at its end',
    run: async () => {
      const parties = newParties({
        tamper: answer('smart-configuration', (body) => ({ ...body, authorization_endpoint: 'auth/authorize' })).tamper
      })
      const begun = good(await parties.app.launch({ _tag: 'Standalone', iss: fhirBaseUrl })())
      expect(begun.redirect._tag === 'Get' && begun.redirect.url.startsWith(`${fhirBaseUrl}/auth/authorize?`)).toBe(
        true
      )
    }
  }
]

const launchRows: ReadonlyArray<Shown> = [
  {
    ids: ['LCH-002', 'AUT-013', 'CTX-002', 'CTX-015'],
    by: 'a standalone launch needs the iss alone, sends no launch parameter, and names the context that it needs',
    run: async () => {
      const { requested, facts } = await launchOf()
      expect(requested.has('launch')).toBe(false)
      expect(requested.get('scope')?.split(' ')).toContain('launch/patient')
      expect(requested.get('scope')?.split(' ')).not.toContain('launch')
      expect(facts?.context.patient).toBe('123')
    }
  },
  {
    ids: ['LCH-006', 'LCH-007', 'AUT-012', 'AUT-015', 'CTX-009', 'CTX-007', 'CTX-010', 'CTX-208'],
    by: 'an EHR launch repeats the handle to the letter, asks for launch, and may carry launch/patient as a hint',
    run: async () => {
      const { app } = newParties()
      for (const handle of ['x', 'a b+c%20&=ü', '"><script>']) {
        const begun = good(
          await app.launch({
            _tag: 'EhrLaunch',
            query: new URLSearchParams({ iss: fhirBaseUrl, launch: handle }).toString()
          })()
        )
        const url = new URL(begun.redirect._tag === 'Get' ? begun.redirect.url : '')
        expect(url.searchParams.get('launch')).toBe(handle)
        expect(url.searchParams.get('scope')?.split(' ')).toEqual(
          expect.arrayContaining(['launch', 'launch/patient', 'patient/*.rs'])
        )
      }
      expect((await launchOf('ehr')).facts?.context.patient).toBe('123')
    }
  },
  {
    ids: ['LCH-008'],
    by: 'iss and launch that are missing, empty, repeated or no address are failures with names',
    run: async () => {
      const { app, sent } = newParties()
      for (const query of [
        'launch=x',
        `iss=${fhirBaseUrl}`,
        `iss=&launch=x`,
        `iss=${fhirBaseUrl}&launch=`,
        `iss=${fhirBaseUrl}&iss=${fhirBaseUrl}&launch=x`,
        'iss=fhir&launch=x',
        'iss=ftp://e.example&launch=x',
        '%zz'
      ]) {
        expect((await app.launch({ _tag: 'EhrLaunch', query })())._tag).toBe('Left')
      }
      expect(sent).toEqual([])
    }
  }
]

const authorizeRows: ReadonlyArray<Shown> = [
  {
    ids: ['AUT-001', 'AUT-002', 'AUT-016', 'AUT-018', 'AUT-119', 'AUT-133'],
    by: 'each request has a state, a challenge and a nonce of its own, of 256 random bits',
    run: async () => {
      const parties = newParties()
      const values = new Set<string>()
      for (let launch = 0; launch < 20; launch++) {
        const requested = new URLSearchParams((await begin(parties)).query)
        for (const name of ['state', 'nonce', 'code_challenge']) values.add(requested.get(name) ?? '')
      }
      expect(values.size).toBe(60)
      expect([...values].every((value) => /^[A-Za-z0-9_-]{43}$/.test(value))).toBe(true)
    }
  },
  {
    ids: ['AUT-003', 'AUT-017', 'AUT-037', 'SEC-104'],
    by: 'a redirect counts once, in the browser that was sent away, with its state, errors included',
    run: async () => {
      const parties = newParties()
      const [one, other] = [await begin(parties), await begin(parties)]
      const redirect = await consent(parties.fixture, one.query)
      const state = new URLSearchParams(one.query).get('state') ?? ''
      const failureOf = async (launchIds: ReadonlyArray<string>, query: string) => {
        const back = await parties.app.callback({ launchIds, query })()
        return back._tag === 'Left' ? back.left._tag : 'opened'
      }
      expect(await failureOf([other.launchId], redirect)).toBe('StateDiffers')
      expect(await failureOf([one.launchId], 'error=access_denied&state=other')).toBe('StateDiffers')
      expect(await failureOf([one.launchId], 'error=access_denied')).toBe('StateMissing')
      expect(await failureOf([], redirect)).toBe('StateDiffers')
      expect(await failureOf([one.launchId], redirect)).toBe('opened')
      expect(await failureOf([one.launchId], `error=access_denied&state=${state}`)).toBe('StateUsed')
    }
  },
  {
    ids: ['AUT-004', 'AUT-008', 'AUT-009', 'AUT-010', 'AUT-014', 'AUT-020', 'AUT-021', 'AUT-026', 'AUT-134'],
    by:
      'every kind of client and launch sends all required parameters, response_type=code and S256, and aud as ' +
      'the iss came',
    run: async () => {
      for (const method of everyMethod) {
        for (const kind of ['ehr', 'standalone'] as const) {
          const { requested } = await launchOf(kind, method)
          expect(Object.fromEntries(requested)).toMatchObject({
            response_type: 'code',
            client_id: 'the-app',
            redirect_uri: 'https://app.example/cb',
            aud: fhirBaseUrl,
            code_challenge_method: 'S256'
          })
          expect(requested.get('scope')).not.toBe('')
        }
      }
      const slash = good(await newParties().app.launch({ _tag: 'Standalone', iss: `${fhirBaseUrl}/` })())
      expect(slash.redirect._tag === 'Get' ? new URL(slash.redirect.url).searchParams.get('aud') : '').toBe(
        `${fhirBaseUrl}/`
      )
      expect(smartApp({ trust: trustList([]), scope: '' }, newParties().ports)._tag).toBe('Left')
    }
  },
  {
    ids: ['AUT-025', 'AUT-118', 'AUT-120'],
    by: 'the verifier is 43 characters of the grammar, and the challenge its SHA-256',
    run: async () => {
      const { requested, exchange } = await launchOf()
      expect(exchange.get('code_verifier')).toMatch(/^[A-Za-z0-9._~-]{43}$/)
      expect(requested.get('code_challenge')).toBe(sha256(exchange.get('code_verifier') ?? ''))
      expect(sha256('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
    }
  },
  {
    ids: ['AUT-029', 'AUT-030', 'AUT-031', 'AUT-039', 'AUT-104'],
    by:
      'by GET all values survive the query, beside one that is there; a long request goes by POST where the ' +
      'server takes that',
    run: () => {
      const get = redirectTo('https://e.example/authorize?tenant=1', authorization, true, 2000)
      const post = redirectTo('https://e.example/authorize', authorization, true, 20)
      const query = get._tag === 'Get' ? readForm(get.url.slice(get.url.indexOf('?') + 1)) : null
      expect(query?._tag === 'Right' && query.right.get('state')).toEqual(['s&=+ é'])
      expect(query?._tag === 'Right' && query.right.get('tenant')).toEqual(['1'])
      expect(post).toMatchObject({ _tag: 'Post', action: 'https://e.example/authorize' })
      expect(redirectTo('https://e.example/authorize', authorization, false, 20)._tag).toBe('Get')
      expect(post._tag === 'Post' ? Object.fromEntries(post.fields) : {}).toMatchObject({
        state: 's&=+ é',
        scope: 'a b'
      })
    }
  },
  {
    ids: ['AUT-110', 'SEC-007', 'SEC-003'],
    by:
      'a redirect with anything in it has a typed answer, unknown parameters change nothing, and nothing goes ' +
      'where it says',
    run: async () => {
      const parties = newParties()
      const { launchId, query } = await begin(parties)
      const before = parties.sent.length
      for (const hostile of [
        '',
        '%',
        '%00',
        'state',
        '__proto__=1&state=x',
        "code=<script>&state='; DROP TABLE",
        '&&&=',
        'state=a&state=b',
        '\u0000',
        'state=%ff'
      ]) {
        expect((await parties.app.callback({ launchIds: [launchId], query: hostile })())._tag).toBe('Left')
      }
      expect(parties.sent).toHaveLength(before)
      const back =
        (await consent(parties.fixture, query)) +
        '&redirect=https://evil.example&token_endpoint=https://evil.example&patient=666&x=1'
      const opened = good(await parties.app.callback({ launchIds: [launchId], query: back })())
      expect(opened.facts.context.patient).toBe('123')
      expect(parties.sent.every(({ request }) => request.url.startsWith(issuer))).toBe(true)
    }
  },
  {
    ids: ['AUT-130', 'SEC-008', 'SEC-109'],
    by:
      'the launch fixes issuer, endpoints and client; iss is compared to the letter and must be there where it ' +
      'is announced; the redirect URI of the arrival is a second defense',
    run: async () => {
      const parties = newParties()
      for (const change of [
        (back: URLSearchParams) => {
          back.delete('iss')
        },
        (back: URLSearchParams) => {
          back.set('iss', 'https://evil.example')
        }
      ]) {
        const { launchId, query } = await begin(parties)
        const back = new URLSearchParams(await consent(parties.fixture, query))
        change(back)
        expect((await parties.app.callback({ launchIds: [launchId], query: back.toString() })())._tag).toBe('Left')
      }
      const { launchId, query } = await begin(parties)
      expect(
        await parties.app.callback({
          launchIds: [launchId],
          query: await consent(parties.fixture, query),
          redirectUri: 'https://app.example/other'
        })()
      ).toMatchObject({ left: { _tag: 'ArrivedElsewhere' } })
      for (const arrivedAt of [
        'https://app.example/other?code=c',
        'https://evil.example/cb',
        `${redirectUri}x`,
        '',
        `https://evil.example/?${redirectUri}`
      ]) {
        const other = await begin(parties)
        expect(
          await parties.app.callback({
            launchIds: [other.launchId],
            query: await consent(parties.fixture, other.query),
            arrivedAt
          })()
        ).toMatchObject({ left: { _tag: 'ArrivedElsewhere' } })
      }
      expect(tokenRequests(parties.sent)).toEqual([])
      const own = await begin(parties)
      const requestContext = await consent(parties.fixture, own.query)
      expect(
        (
          await parties.app.callback({
            launchIds: [own.launchId],
            query: requestContext,
            arrivedAt: `${redirectUri}?${requestContext}#`
          })()
        )._tag
      ).toBe('Right')
    }
  },
  {
    ids: ['AUT-137'],
    by: "a code of another browser, injected with one's own state, is refused by the verifier",
    run: async () => {
      const parties = newParties()
      const [mine, theirs] = [await begin(parties), await begin(parties)]
      const back = new URLSearchParams(await consent(parties.fixture, mine.query))
      back.set('code', new URLSearchParams(await consent(parties.fixture, theirs.query)).get('code') ?? '')
      expect(await parties.app.callback({ launchIds: [mine.launchId], query: back.toString() })()).toMatchObject({
        left: { _tag: 'TokenRefused', error: 'invalid_grant' }
      })
    }
  }
]

const accessRows: ReadonlyArray<Shown> = [
  {
    ids: ['FHR-003', 'FHR-019', 'FHR-101', 'FHR-103', 'FHR-104'],
    by: 'app and backend service send the token in the header Authorization, and nowhere else',
    run: async () => {
      for (const kind of ['standalone', 'backend'] as const) {
        const { sent } = await launchOf(kind)
        const request = sent.map((one) => one.request).find(({ url }) => url.includes('/fhir/Patient'))
        const token = request?.headers['authorization']?.replace('Bearer ', '') ?? ''
        expect(request?.headers['authorization']).toBe(`Bearer ${token}`)
        expect([request?.url.includes(token), request?.body]).toEqual([false, ''])
      }
      expect(fhirUrl(fhirBaseUrl)('Patient?access_token=t')).toMatchObject({ left: { _tag: 'TokenInAddress' } })
    }
  },
  {
    ids: ['FHR-007', 'FHR-008', 'FHR-022', 'FHR-023', 'CTX-305'],
    by: 'an address that is not below the FHIR base URL is named as elsewhere, and nothing is sent',
    run: async () => {
      const parties = newParties()
      const sessionId = await complete(parties)
      const before = parties.sent.length
      for (const url of elsewhere)
        expect(await parties.app.fhir(sessionId, { url })()).toEqual({
          _tag: 'Left',
          left: { _tag: 'AddressElsewhere', url }
        })
      expect(parties.sent).toHaveLength(before)
    }
  },
  {
    ids: ['SEC-001', 'SEC-203'],
    by: 'an endpoint without TLS is refused before anything is sent to it',
    run: async () => {
      for (const member of ['token_endpoint', 'authorization_endpoint', 'jwks_uri', 'issuer']) {
        expect(
          await refusedLaunch(answer('smart-configuration', (body) => ({ ...body, [member]: 'http://ehr.example/x' })))
        ).toMatchObject({ _tag: 'EndpointInsecure', member })
      }
      const plain = newParties({ server: { fhirBaseUrl: 'http://ehr.example/fhir' } })
      expect(await plain.app.launch({ _tag: 'Standalone', iss: 'http://ehr.example/fhir' })()).toMatchObject({
        left: { _tag: 'EndpointInsecure' }
      })
      expect(plain.sent).toEqual([])
    }
  },
  {
    ids: ['SCP-035'],
    by: 'the app learns which scopes are missing and which were not requested, by meaning',
    run: async () => {
      const parties = newParties({
        tamper: answer('/token', (body) => ({ ...body, scope: 'openid launch/patient patient/Observation.r' })).tamper,
        settings: { scope: 'openid launch/patient patient/Observation.rs' }
      })
      const facts = good(await parties.app.session(await complete(parties))())
      expect(facts.comparison).toEqual({ verdict: 'narrowed', missing: 'patient/Observation.s', excess: '' })
    }
  },
  {
    ids: ['CTX-307', 'CTX-308'],
    by: 'a launch scope has at most one role; an app with two in one scope is not built',
    run: () => {
      expect(parse('launch/patient?role=x').map(({ _tag }) => _tag)).toEqual(['LaunchScope'])
      expect(smartApp({ trust: trustList([]), scope: 'launch/patient?role=a&role=b' }, newParties().ports)._tag).toBe(
        'Left'
      )
      expect(defaultAppSettings.specVersion).toBe('2.0.0')
    }
  }
]

/** What shows the requirements of the client. */
export const clientRows: ReadonlyArray<Shown> = [
  ...discoveryRows,
  ...launchRows,
  ...authorizeRows,
  ...accessRows,
  ...tokenRows,
  ...clientAuthenticationRows,
  ...identityRows,
  ...registrationRows
]

/** What the app's side does not show, and why. */
export const clientOutside: ReadonlyArray<Outside> = [
  { ids: ['DIS-311'], why: 'brands are for whoever shows a choice of servers; the app is given its servers' },
  { ids: ['AUT-027', 'SCP-036', 'SCP-043'], why: 'what an app needs is for its makers to say' },
  {
    ids: ['AUT-125', 'TOK-121'],
    why: "the app names its server by aud and sends no resource; the server's half reads it"
  },
  { ids: ['CTX-034', 'CTX-045', 'CTX-046'], why: 'how an app looks is its own; the values are handed over' },
  { ids: ['IDN-116'], why: 'the app reads the user from the id_token and asks no UserInfo endpoint' },
  {
    ids: ['INT-101', 'INT-102', 'REV-102', 'REV-103'],
    why: "the app sends no such request; the server's half reads it"
  },
  {
    ids: ['REG-001', 'REG-011', 'REG-015'],
    why:
      'choosing a profile, making keys and guarding them is for the operator of the app; the engine takes a ' +
      'function that signs'
  },
  { ids: ['REG-018', 'REG-107'], why: "the app does not register itself; the server's half takes registrations" },
  { ids: ['FHR-201', 'FHR-205'], why: "app state is data of the app's own, sent like any other FHIR request" },
  {
    ids: ['SEC-002', 'SEC-004', 'SEC-005', 'SEC-006', 'SEC-010', 'SEC-016'],
    why:
      "pages, cookies and stores are the host's; nothing here evaluates text, writes cookies or chooses a place " +
      'for tokens'
  },
  { ids: ['SEC-011'], why: "the version of TLS is the platform's" }
]
