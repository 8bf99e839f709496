import * as Either from 'fp-ts/lib/Either.js'
import * as Task from 'fp-ts/lib/Task.js'
import { expect } from 'vitest'
import { handleOf, launched } from './authorize-launch.js'
import { asBearer, obtainTokens, withCallers } from '../../support/server/callers.js'
import {
  agree,
  atChoice,
  atConsent,
  expectCode,
  expectErrorRedirect,
  waiting
} from '../../support/server/conversation.js'
import type { AttackRow, Variant } from '../row.js'
import { attackGroup } from '../row.js'
import { leavesStoreAlone, storeOf } from '../../support/server/stored.js'
import type { Answered, Sent } from '../../support/simulator/simulated.js'
import { overHttp, personAt, send, simulatorForAll } from '../../support/simulator/simulated.js'
import type { Fixture } from '../../support/server-fixture.js'
import { alice, authorize, bodyOf, exchange, fhirBaseUrl, get, newFixture, post } from '../../support/server-fixture.js'
import { systemRandom } from '../../../src/adapters/system.js'
import { requestHandler } from '../../../src/engine/server/http-handler.js'
import { launchUrl } from '../../../src/engine/server/interaction/offer-launch.js'
import type { LaunchContext } from '../../../src/protocol/launch/launch-context.js'
import { refusalJson } from '../../../src/protocol/errors/refusal-table.js'

const simulator = simulatorForAll()

const variant = (name: string, run: (fixture: Fixture) => Promise<void>): Variant => ({ name, run })

const launchPath = (change: Readonly<Record<string, string>> = {}): string =>
  `/ehr/launch?${new URLSearchParams({
    client_id: 'sample-app',
    launch_uri: `${simulator().base}/app/launch`,
    user: 'alice',
    patient: 'example-1',
    ...change
  }).toString()}`

const at = (path: string, sent?: Sent): Promise<Answered> => send(simulator().base, path, sent)

/** The EHR cannot offer this to an app: a typed refusal that names the member, and nothing is stored. */
const notOffered = (
  name: string,
  member: string,
  context: unknown,
  specVersion: '2.0.0' | '2.2.0' = '2.0.0'
): Variant =>
  variant(`${name}, under ${specVersion}`, async () => {
    const fixture = newFixture({ policy: { specVersion } })
    const made = await leavesStoreAlone(
      fixture,
      fixture.server.ehr.offerLaunch({ clientId: 'pub-app', launchedBy: null, context: context as LaunchContext })
    )
    expect(Either.isLeft(made) ? made.left : 'offered').toMatchObject({ _tag: 'LaunchContextInvalid', member })
    expect(refusalJson({ _tag: 'LaunchContextInvalid', member, expected: '' }).status).toBe(400)
    expect(fixture.audited.at(-1)?.refusal?._tag).toBe('LaunchContextInvalid')
  })

const ownRelease = { once: 'each variant has a world of its own release of the guide' }

const entries = (name: string, fhirContext: unknown): ReadonlyArray<Variant> =>
  (['2.0.0', '2.2.0'] as const).map((release) => notOffered(name, 'fhirContext', { fhirContext }, release))

/** Requests to addresses that could create a launch create none. */
const makesNoLaunch = async (fixture: Fixture, headers: Readonly<Record<string, string>>): Promise<void> => {
  const answer = requestHandler(fixture.server, {
    onConversation: () => Task.of(refusalJson({ _tag: 'InteractionUnknown' })),
    fallback: ({ path }) => Task.of(refusalJson({ _tag: 'NoSuchAddress', path }))
  })
  for (const path of [
    '/launch',
    '/ehr/launch',
    '/offer-launch',
    '/offerLaunch',
    '/token',
    '/introspect',
    '/fhir/Patient/123/$launch',
    '/fhir'
  ]) {
    for (const request of [
      get(path, 'client_id=pub-app&patient=B', headers),
      post(
        path,
        [
          ['client_id', 'pub-app'],
          ['patient', 'B']
        ],
        headers
      )
    ]) {
      const response = await leavesStoreAlone(fixture, answer(request))
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
      expect(response.body).not.toContain('"launch"')
    }
  }
}

const rows: ReadonlyArray<AttackRow> = [
  {
    id: 'LCH-01',
    fixture: withCallers(),
    variants: [
      variant('no session', (fixture) => makesNoLaunch(fixture, {})),
      variant('the access token of an app', async (fixture) =>
        makesNoLaunch(fixture, asBearer((await obtainTokens(fixture)).access))
      ),
      variant('the credentials of an app', (fixture) =>
        makesNoLaunch(fixture, { authorization: `Basic ${Buffer.from('sym-app:s3cret%3A%25').toString('base64')}` })
      ),
      variant('over HTTP: an app, a user, an address or a patient that the desktop does not offer', async () => {
        const changes = [
          { client_id: 'nope' },
          { launch_uri: 'https://evil.example/launch' },
          { user: 'mallory' },
          { user: 'bob' },
          { patient: 'nobody' }
        ]
        for (const change of changes) {
          const refused = await at(launchPath(change))
          expect([refused.status, refused.headers['location'], refused.headers['set-cookie']]).toEqual([
            400,
            undefined,
            undefined
          ])
        }
        for (const method of ['POST', 'PUT', 'DELETE', 'HEAD']) {
          const refused = await at(launchPath(), { method })
          expect([refused.status, refused.headers['allow'], refused.headers['location']]).toEqual([
            405,
            'GET',
            undefined
          ])
        }
      })
    ],
    differs:
      "no address makes a launch: the EHR calls a function. The simulator's desktop starts one for its " +
      'invented users at a click'
  },
  {
    id: 'LCH-02',
    variants: [
      variant('20,000 handles: each another, 256 bits, safe in an address', () => {
        const handles = new Set<string>()
        let letters = 0
        for (let generated = 0; generated < 20_000; generated++) {
          const handle = systemRandom.token()
          if (/^[A-Za-z0-9_-]{43}$/.test(handle)) letters += 1
          handles.add(handle)
        }
        expect([letters, handles.size]).toEqual([20_000, 20_000])
        return Promise.resolve()
      }),
      variant('the store knows a digest', async () => {
        const fixture = newFixture({ ports: { random: systemRandom } })
        const handle = await handleOf(fixture)
        expect(handle).toMatch(/^[A-Za-z0-9_-]{43}$/)
        expect(JSON.stringify([storeOf(fixture), fixture.audited])).not.toContain(handle)
      })
    ],
    once: 'the real source of random numbers has no history',
    differs:
      '20,000 handles and not a million: 256 random bits that do not meet among the one do not among the ' +
      'other, and tests take time'
  },
  {
    id: 'LCH-04',
    once: overHttp,
    variants: [
      variant('at the launch', async () => {
        const refused = await at(launchPath({ encounter: 'example-2-encounter-1' }))
        expect([refused.status, refused.headers['location']]).toEqual([400, undefined])
        expect((await at(launchPath({ encounter: 'example-1-encounter-1' }))).status).toBe(303)
      }),
      variant('at the choice', async () => {
        const { person, visit, form } = await personAt(simulator().base, 'Choose', 'bob', {
          scope: 'launch/patient launch/encounter patient/*.rs'
        })
        const end = await person.submit(visit, form, [
          ['patient', 'example-2'],
          ['encounter', 'example-1-encounter-1']
        ])
        expect(end._tag === 'Page' ? end.visit.url : end.to.href).toMatch(/\?missing=choice$/)
      }),
      variant('at the choice, by a user who may see both patients', async () => {
        const change = { scope: 'launch/patient launch/encounter patient/*.rs' }
        const { person, visit, form } = await personAt(simulator().base, 'Choose', 'alice', change)
        const mixed = await person.submit(visit, form, [
          ['patient', 'example-2'],
          ['encounter', 'example-1-encounter-1']
        ])
        expect(mixed._tag === 'Page' ? mixed.visit.url : mixed.to.href).toMatch(/\?missing=choice$/)
        const fitting = await person.submit(visit, form, [
          ['patient', 'example-1'],
          ['encounter', 'example-1-encounter-1']
        ])
        expect(fitting._tag === 'Page' ? fitting.visit.document.querySelector('h1')?.text : fitting.to.href).toBe(
          'Give access?'
        )
      })
    ]
  },
  {
    id: 'LCH-06',
    ...ownRelease,
    variants: [
      ...entries('a Patient', [{ reference: 'Patient/1' }]),
      ...entries('an Encounter', [{ reference: 'Encounter/1' }]),
      ...entries('an address at another server', [{ reference: 'https://evil.example/fhir/Observation/1' }]),
      ...entries('a way around', [{ reference: '../Patient/B' }]),
      ...entries('a text where there must be an object', ['Observation/1']),
      ...entries('an object where there must be a list', { reference: 'Observation/1' }),
      ...entries('an empty entry', [{}]),
      ...entries(
        '10,000 entries',
        Array.from({ length: 10_000 }, (_, index) => ({ reference: `Observation/${String(index)}` }))
      ),
      notOffered('a role, which came later', 'fhirContext', {
        fhirContext: [{ reference: 'Observation/1', role: 'https://x.example/r' }]
      }),
      notOffered(
        'a Patient by its identifier',
        'fhirContext',
        { fhirContext: [{ identifier: { value: 'B' }, type: 'Patient' }] },
        '2.2.0'
      ),
      notOffered(
        'a role that is no address',
        'fhirContext',
        { fhirContext: [{ reference: 'Observation/1', role: 'launch ' }] },
        '2.2.0'
      ),
      notOffered('a patient as a reference', 'patient', { patient: 'Patient/A' }),
      notOffered('a patient that is a way around', 'patient', { patient: '../B' }),
      notOffered("a member that is the token's own", 'extensions', { extensions: { access_token: 'x' } })
    ]
  },
  {
    id: 'LCH-07',
    ...ownRelease,
    variants: [
      notOffered('an intent of 64 KiB', 'intent', { intent: 'x'.repeat(65_536) }),
      notOffered('an intent that is no text', 'intent', { intent: { a: 1 } }),
      ...[
        'javascript:alert(1)',
        'data:text/css,x',
        '//evil.example/style.json',
        '/style.json',
        'https://ehr.example/a b'
      ].map((url) => notOffered(`the style ${url}`, 'smart_style_url', { smart_style_url: url })),
      notOffered('a banner that is a text', 'need_patient_banner', { need_patient_banner: 'false' })
    ]
  },
  {
    id: 'LCH-10',
    variants: [
      variant('the user opens B after the launch for A', async (fixture) => {
        const context = { patient: 'A' }
        const launch = await handleOf(fixture, { context })
        context.patient = 'B'
        await handleOf(fixture, { context: { patient: 'B' } })
        const code = expectCode(await agree(fixture, await atConsent(fixture, launched(launch))))
        expect(bodyOf(await exchange(fixture, code))['patient']).toBe('A')
      }),
      variant('B is chosen on a page of the conversation', async (fixture) => {
        const launch = await handleOf(fixture)
        const waits = await atChoice(fixture, launched(launch, { scope: 'launch launch/encounter patient/*.rs' }))
        const chosen = waiting(
          await fixture.server.interaction.contextChosen(waits.interaction, { patient: 'B', encounter: 'e1' })()
        )
        expect(bodyOf(await exchange(fixture, expectCode(await agree(fixture, chosen))))['patient']).toBe('A')
      })
    ]
  },
  {
    id: 'LCH-11',
    variants: [
      variant('who has the handle has neither the client nor the session', async (fixture) => {
        const launch = await handleOf(fixture)
        expectErrorRedirect(
          await leavesStoreAlone(fixture, () => authorize(fixture, launched(launch, { client_id: 'sym-app' }))),
          'invalid_request'
        )
        const { interaction } = waiting(await authorize(fixture, launched(launch)))
        expectErrorRedirect(
          await fixture.server.interaction.userSignedIn(interaction, { ...alice, sub: 'mallory' })(),
          'access_denied'
        )
        expectCode(await agree(fixture, await atConsent(fixture, launched(launch))))
      }),
      variant('over HTTP: no referrer, no cache, and the terminal does not show the handle', async () => {
        const response = await at(launchPath())
        expect(response).toMatchObject({
          status: 303,
          headers: { 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' }
        })
        const handle = new URL(String(response.headers['location'])).searchParams.get('launch') ?? ''
        expect(handle).toMatch(/^[A-Za-z0-9_-]{43}$/)
        expect(simulator().printed()).toContain('LaunchOffered')
        expect(simulator().printed()).not.toContain(handle)
      })
    ]
  },
  {
    id: 'LCH-12',
    once: overHttp,
    variants: [
      ...[
        { host: 'evil.example' },
        { 'x-forwarded-host': 'evil.example' },
        { forwarded: 'host=evil.example' },
        { origin: 'https://evil.example', referer: 'https://evil.example/' }
      ].map((headers) =>
        variant(JSON.stringify(headers), async () => {
          const location = new URL(String((await at(launchPath(), { headers })).headers['location']))
          expect([location.searchParams.get('iss'), location.origin]).toEqual([
            `${simulator().base}/fhir`,
            simulator().base
          ])
        })
      ),
      variant('the address is made of what was configured', async (fixture) => {
        const address = launchUrl(
          'https://app.example/launch?x=1',
          fixture.server.facts.fhirBaseUrl,
          await handleOf(fixture)
        )
        expect(
          address.startsWith(`https://app.example/launch?x=1&iss=${encodeURIComponent(fhirBaseUrl)}&launch=`)
        ).toBe(true)
      })
    ]
  }
]

attackGroup({
  endpoint: 'launch',
  rows,
  controls: [
    variant('the EHR launches, and the app receives the patient', async (fixture) => {
      const code = expectCode(await agree(fixture, await atConsent(fixture, launched(await handleOf(fixture)))))
      expect(bodyOf(await exchange(fixture, code))).toMatchObject({ patient: 'A', scope: 'launch patient/*.rs' })
    }),
    variant('a context that is in order is offered in each release', async () => {
      const contexts: ReadonlyArray<readonly ['2.0.0' | '2.2.0', LaunchContext]> = [
        [
          '2.0.0',
          {
            patient: 'A',
            fhirContext: [{ reference: 'ImagingStudy/1' }],
            intent: 'reconcile',
            smart_style_url: 'https://ehr.example/s.json',
            need_patient_banner: false
          }
        ],
        [
          '2.2.0',
          {
            fhirContext: [
              { reference: 'Patient/B', role: 'https://ehr.example/twin' },
              { canonical: 'https://x.example/q|1', type: 'Questionnaire' }
            ]
          }
        ]
      ]
      for (const [specVersion, context] of contexts) {
        const fixture = newFixture({ policy: { specVersion } })
        expect((await fixture.server.ehr.offerLaunch({ clientId: 'pub-app', launchedBy: null, context })())._tag).toBe(
          'Right'
        )
      }
    }),
    variant('over HTTP: the desktop launches', async () => {
      expect((await at(launchPath())).status).toBe(303)
    })
  ]
})
