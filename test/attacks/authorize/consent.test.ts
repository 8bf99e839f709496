import * as Either from 'fp-ts/lib/Either.js'
import type * as Task from 'fp-ts/lib/Task.js'
import { parse as parseHtml } from 'node-html-parser'
import { expect } from 'vitest'
import { asBearer, asRs, introspect, withCallers } from '../../support/server/callers.js'
import type { Waiting } from '../../support/server/conversation.js'
import {
  agree,
  atChoice,
  atConsent,
  expectCode,
  expectErrorRedirect,
  expectPage,
  waiting
} from '../../support/server/conversation.js'
import type { AttackRow, Variant } from '../row.js'
import { attackGroup } from '../row.js'
import { leavesStoreAlone, storeOf } from '../../support/server/stored.js'
import { formOf, overHttp, personAt, send, simulatorForAll, withoutLogLine } from '../../support/simulator/simulated.js'
import { choiceView, consentView, signInView } from '../../support/simulator/page-views.js'
import { sentTo } from '../../support/simulator/person.js'
import type { Fixture } from '../../support/server-fixture.js'
import {
  alice,
  authorize,
  bodyOf,
  exchange,
  get,
  grantKeyOf,
  isAlive,
  redirected
} from '../../support/server-fixture.js'
import { askingClient } from '../../../src/host/host-context.js'
import { choosePage } from '../../../src/simulator/pages/choose.js'
import { consentPage } from '../../../src/simulator/pages/consent.js'
import { signInPage } from '../../../src/simulator/pages/sign-in.js'
import type { Conversation, Interaction } from '../../../src/engine/server/interaction/conversation.js'
import { decide } from '../../../src/protocol/access/decision.js'
import { interactionOf } from '../../../src/protocol/access/read-interaction.js'
import { format } from '../../../src/scopes/format.js'
import { parse } from '../../../src/scopes/parse.js'

const simulator = simulatorForAll()

const variant = (name: string, run: (fixture: Fixture) => Promise<void>): Variant => ({ name, run })

interface Proof {
  readonly browserSecret?: string
  readonly formToken?: string
}

/**
 * Every decision that may come next is refused with 403 on a page and changes nothing; then the user goes on as if
 * nothing had been.
 */
const expectForgery = async (fixture: Fixture, proof: Proof): Promise<void> => {
  const {
    interaction: { userSignedIn, contextChosen, contextUnavailable, consentGiven, userDenied, pageNeeded }
  } = fixture.server
  const refuses = async (
    waits: Waiting,
    ...own: ReadonlyArray<(forged: Interaction) => Task.Task<Conversation>>
  ): Promise<void> => {
    for (const decision of [...own, userDenied, pageNeeded]) {
      const refused = await leavesStoreAlone(fixture, decision({ ...waits.interaction, ...proof }))
      expectPage(refused, 403, 'invalid_request', 'InteractionOfAnotherBrowser')
    }
  }
  const signIn = waiting(await authorize(fixture))
  await refuses(signIn, (forged) => userSignedIn(forged, alice))
  const choice = waiting(await userSignedIn(signIn.interaction, alice)())
  await refuses(choice, (forged) => contextChosen(forged, { patient: '123' }), contextUnavailable)
  const consent = waiting(await contextChosen(choice.interaction, { patient: '123' })())
  await refuses(consent, (forged) => consentGiven(forged, parse('patient/*.rs')))
  expectCode(await agree(fixture, consent))
}

/** A form of the simulator, sent by the browser at this page. */
const submitted = async (fields: ReadonlyArray<readonly [string, string]>) => {
  const { person, visit, form } = await personAt(simulator().base, 'Give access?')
  return { person, visit, form, end: await person.submit(visit, form, fields) }
}

const hostileNames = [
  '<script>alert(1)</script>',
  'a\u202Egpj.exe',
  'x'.repeat(5000),
  'a\u0000b',
  'My\u200BChart',
  '"MyChart (official)"',
  '</bdi><b>',
  'My\nChart',
  'My\u2028Chart',
  'My\u00a0\u3000Chart',
  'My\u3164',
  '\u{e0041}\u{e0042}',
  'a\ufe0f',
  `a${'\u0335'.repeat(99)}`,
  '\u2066x\u2069',
  '\u001b[2J'
]

const rows: ReadonlyArray<AttackRow> = [
  {
    id: 'CON-01',
    variants: [
      variant('no anti-CSRF value, with the cookie of the browser', (fixture) =>
        expectForgery(fixture, { formToken: '' })
      ),
      variant('no cookie, with the value of the form', (fixture) => expectForgery(fixture, { browserSecret: '' })),
      variant('the cookie sent as the value of the form', async (fixture) => {
        const { interaction } = await atConsent(fixture)
        expectPage(
          await leavesStoreAlone(fixture, () =>
            fixture.server.interaction.consentGiven(
              { ...interaction, formToken: interaction.browserSecret },
              parse('patient/*.rs')
            )()
          ),
          403,
          'invalid_request'
        )
      }),
      variant('over HTTP: the form without the hidden value', async () => {
        const { person, visit, form } = await personAt(simulator().base, 'Give access?')
        const end = await person.go(
          new URL(form.getAttribute('action') ?? '', visit.url).href,
          new URLSearchParams({ decision: 'allow', scope: 'patient/*.rs' })
        )
        expect(end._tag === 'Page' ? end.visit.status : end.to.href).toBe(403)
        expect(sentTo(await person.pursue({ _tag: 'Page', visit })).searchParams.has('code')).toBe(true)
      }),
      variant('over HTTP: a sign-in without its proof tells nobody whether the password is right', async () => {
        const { base } = simulator()
        const { person, form } = await personAt(base, 'Sign in')
        const [returnTo = '', formToken = ''] = ['return_to', 'form_token'].map((name) =>
          form.querySelector(`input[name=${name}]`)?.getAttribute('value')
        )
        const cookie = person.cookiesBelow('ehr_browser_')
        for (const proof of [
          { cookie, form_token: 'x' },
          { cookie: '', form_token: formToken },
          { cookie: 'ehr_browser_12345678=', form_token: '' },
          { cookie: `ehr_browser_12345678=${'a'.repeat(43)}`, form_token: formToken }
        ]) {
          const answers = await Promise.all(
            [
              ['alice', 'alice-demo'],
              ['alice', 'wrong'],
              ['nobody', '']
            ].map(async ([username = '', password = '']) => {
              const sent = formOf({ return_to: returnTo, form_token: proof.form_token, username, password })
              const { status, headers, body } = await send(base, '/ehr/sign-in', {
                ...sent,
                headers: { ...sent.headers, cookie: proof.cookie }
              })
              return [status, headers['location'], headers['set-cookie'], withoutLogLine(body)]
            })
          )
          expect(answers).toEqual(answers.map(() => [403, undefined, undefined, answers[0]?.[3]]))
        }
      })
    ]
  },
  {
    id: 'CON-02',
    variants: [
      variant('the value of another session', async (fixture) => {
        const other = await atConsent(fixture)
        await expectForgery(fixture, { formToken: other.interaction.formToken })
      }),
      variant('the cookie and the value of another conversation', async (fixture) => {
        const other = await atConsent(fixture)
        await expectForgery(fixture, {
          browserSecret: other.interaction.browserSecret,
          formToken: other.interaction.formToken
        })
      }),
      variant('the cookie of another conversation', async (fixture) => {
        const other = await atConsent(fixture)
        await expectForgery(fixture, { browserSecret: other.interaction.browserSecret })
      })
    ]
  },
  {
    id: 'CON-03',
    variants: [
      variant('two at the same time', async (fixture) => {
        const waits = await atConsent(fixture)
        const answers = await Promise.all([agree(fixture, waits), agree(fixture, waits)])
        const [codes, others] = [
          answers.filter(({ _tag }) => _tag === 'SendToApp'),
          answers.filter(({ _tag }) => _tag !== 'SendToApp')
        ]
        expect(codes).toHaveLength(1)
        for (const other of others) expectPage(other, 400, 'invalid_request')
        const code = codes[0] === undefined ? '' : expectCode(codes[0])
        expect((await exchange(fixture, code)).status).toBe(200)
      }),
      variant('one after the other, and a denial after the consent', async (fixture) => {
        const waits = await atConsent(fixture)
        const code = expectCode(await agree(fixture, waits))
        expectPage(await leavesStoreAlone(fixture, () => agree(fixture, waits)), 400, 'invalid_request')
        expectPage(
          await leavesStoreAlone(fixture, () => fixture.server.interaction.userDenied(waits.interaction)()),
          400,
          'invalid_request'
        )
        expect(await isAlive(fixture, String(bodyOf(await exchange(fixture, code))['access_token']))).toBe(true)
      })
    ]
  },
  {
    id: 'CON-04',
    variants: [
      variant(
        'wider, other and unparsable scopes in the form: what was shown and approved is granted',
        async (fixture) => {
          const waits = await atConsent(fixture, { scope: 'launch/patient patient/*.rs' })
          const added = parse('user/*.cruds patient/*.cruds system/*.rs patient/*.rs offline_access openid "')
          const code = expectCode(await fixture.server.interaction.consentGiven(waits.interaction, added)())
          expect(bodyOf(await exchange(fixture, code))['scope']).toBe('patient/*.rs')
        }
      ),
      variant('nothing but what was not requested: nothing is granted', async (fixture) => {
        const waits = await atConsent(fixture, { scope: 'launch/patient patient/*.rs' })
        expectErrorRedirect(
          await fixture.server.interaction.consentGiven(waits.interaction, parse('user/*.cruds'))(),
          'access_denied'
        )
      }),
      variant('over HTTP', async () => {
        const { end } = await submitted([
          ['scope', 'user/*.cruds'],
          ['scope', 'system/*.cruds'],
          ['decision', 'allow']
        ])
        expect(sentTo(end).searchParams.get('error')).toBe('access_denied')
      })
    ]
  },
  {
    id: 'CON-05',
    once: overHttp,
    variants: [
      variant('a patient whom the picker did not offer', async () => {
        const { person, visit, form } = await personAt(simulator().base, 'Choose', 'bob')
        expect(form.querySelectorAll('input[type=radio]').map((radio) => radio.getAttribute('value'))).toEqual([
          'example-2'
        ])
        for (const patient of ['example-1', 'nobody', '', '*', 'example-2/../example-1']) {
          const end = await person.submit(visit, form, [['patient', patient]])
          expect(end._tag === 'Page' ? end.visit.url : end.to.href).toMatch(/\?missing=choice$/)
        }
        expect(sentTo(await person.pursue({ _tag: 'Page', visit })).searchParams.has('code')).toBe(true)
      }),
      variant("a choice against the EHR's own patient does not count", async (fixture) => {
        const launch = await fixture.server.ehr.offerLaunch({
          clientId: 'pub-app',
          launchedBy: null,
          context: { patient: 'A' }
        })()
        const choice = await atChoice(fixture, {
          scope: 'launch launch/encounter patient/*.rs',
          launch: Either.isRight(launch) ? launch.right : ''
        })
        const consent = waiting(
          await fixture.server.interaction.contextChosen(choice.interaction, { patient: 'B', encounter: 'e1' })()
        )
        expect(bodyOf(await exchange(fixture, expectCode(await agree(fixture, consent))))['patient']).toBe('A')
      })
    ],
    differs:
      'the page again where the catalog has 403: a form without the choice and one with a choice that was not ' +
      'offered receive the same answer'
  },
  {
    id: 'CON-07',
    variants: [
      variant('at the last second, which is over', (fixture) => afterItsTime(fixture, 0)),
      variant('a second later', (fixture) => afterItsTime(fixture, 1)),
      variant('long after it, when the record is gone', async (fixture) => {
        const waits = await atConsent(fixture)
        fixture.clock.now += 2 * fixture.server.policy.interactionLifetimeSeconds
        expectPage(
          await leavesStoreAlone(fixture, () => agree(fixture, waits)),
          400,
          'invalid_request',
          'InteractionUnknown'
        )
      })
    ],
    differs:
      'the first late decision marks the conversation as expired, so that no clock that goes back revives it; ' +
      'nothing else changes'
  },
  {
    id: 'CON-08',
    variants: [
      variant('at each step of the conversation', async (fixture) => {
        const codes = () =>
          storeOf(fixture)
            .filter(([, text]) => text.includes('"codeDigest"'))
            .map(([key]) => key)
        const before = codes()
        const signIn = waiting(await authorize(fixture))
        for (const waits of [signIn, await atChoice(fixture), await atConsent(fixture)]) {
          expectErrorRedirect(await fixture.server.interaction.userDenied(waits.interaction)(), 'access_denied')
          expectPage(await leavesStoreAlone(fixture, () => agree(fixture, waits)), 400, 'invalid_request')
        }
        expect(codes()).toEqual(before)
      }),
      variant('over HTTP', async () => {
        const { end } = await submitted([
          ['scope', 'patient/*.rs'],
          ['decision', 'deny']
        ])
        expect(Object.fromEntries(sentTo(end).searchParams)).toMatchObject({
          error: 'access_denied',
          state: 's',
          iss: simulator().base
        })
        expect(sentTo(end).searchParams.has('code')).toBe(false)
      })
    ]
  },
  {
    id: 'CON-10',
    once: overHttp,
    variants: [
      variant('the decisions by GET, HEAD, PUT and PATCH, with everything that a form would have', async () => {
        const { person, visit, form } = await personAt(simulator().base, 'Give access?')
        const hidden = form
          .querySelectorAll('input[type=hidden]')
          .map((input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? ''])
        const query = new URLSearchParams([...hidden, ['decision', 'allow'], ['scope', 'patient/*.rs']]).toString()
        const action = new URL(form.getAttribute('action') ?? '', visit.url).href
        const end = await person.go(`${action}?${query}`)
        expect(end._tag === 'Page' ? end.visit.document.querySelector('h1')?.text : end.to.href).toBe('Give access?')
        for (const path of [new URL(action).pathname, '/ehr/sign-in']) {
          for (const method of ['PUT', 'PATCH']) {
            expect(await send(simulator().base, `${path}?${query}`, { method })).toMatchObject({
              status: 405,
              headers: { allow: 'GET, POST' }
            })
          }
        }
        expect(sentTo(await person.pursue({ _tag: 'Page', visit })).searchParams.has('code')).toBe(true)
      })
    ]
  },
  {
    id: 'CON-11',
    once: 'pages have no world',
    variants: hostileNames.map((clientName) =>
      variant(`the name ${JSON.stringify(clientName).slice(0, 40)}`, async (fixture) => {
        const { details: plain } = await atConsent(fixture)
        const requested = { ...plain, clientName }
        for (const { html } of [
          signInPage(signInView({ client: askingClient(requested) })),
          choosePage('alice', choiceView({ client: askingClient(requested) })),
          consentPage('alice', consentView({ client: askingClient(requested) }, 'launch/patient patient/*.rs'))
        ]) {
          const page = parseHtml(html)
          const shown = page.querySelectorAll('bdi').filter(({ classList }) => classList.contains('client-name'))
          expect(shown).toHaveLength(1)
          expect(shown[0]?.childNodes).toHaveLength(1)
          expect((shown[0]?.text ?? '').length).toBeLessThanOrEqual(130)
          expect(page.querySelectorAll('script, b')).toEqual([])
          expect(html).not.toMatch(/(?!\n)[\p{C}\p{Zl}\p{Zp}\p{DI}]|(?! )\p{Zs}|\p{M}{4}/u)
          expect(page.text).toContain('pub-app')
          expect(page.text).toContain('https://app.example')
        }
      })
    )
  },
  {
    id: 'CON-13',
    fixture: withCallers(),
    variants: [
      variant('Observation is unticked', async (fixture) => {
        const waits = await atConsent(fixture, { scope: 'launch/patient patient/Condition.rs patient/Observation.rs' })
        const approved = waits.details.scopes.filter(({ text }) => text !== 'patient/Observation.rs')
        const body = bodyOf(
          await exchange(
            fixture,
            expectCode(await fixture.server.interaction.consentGiven(waits.interaction, approved)())
          )
        )
        const token = String(body['access_token'])
        expect(body['scope']).toBe('launch/patient patient/Condition.rs')
        expect(bodyOf(await introspect(fixture, token, asRs))['scope']).toBe('launch/patient patient/Condition.rs')
        const facts = await fixture.server.resource.bearer(get('/fhir/Observation/1', '', asBearer(token)))()
        const decisionOn = (path: string): string =>
          Either.isLeft(facts)
            ? facts.left._tag
            : decide(
                fixture.server.policy,
                facts.right,
                interactionOf({ method: 'GET', path, query: '', headers: {}, body: '' })
              )._tag
        expect([decisionOn('/Observation/1'), decisionOn('/Observation'), decisionOn('/Condition/1')]).toEqual([
          'Deny',
          'Deny',
          'Filter'
        ])
      }),
      variant('over HTTP', async () => {
        const { end } = await submitted([
          ['scope', 'launch/patient'],
          ['decision', 'allow']
        ])
        expect(sentTo(end).searchParams.has('code')).toBe(true)
      })
    ]
  },
  {
    id: 'CON-16',
    once: overHttp,
    variants: [
      variant('decision=deny&decision=allow', async () => {
        for (const pair of [
          ['deny', 'allow'],
          ['allow', 'deny'],
          ['allow', 'allow']
        ] as const) {
          const { end, person, visit } = await submitted(pair.map((decision) => ['decision', decision] as const))
          expect(end._tag === 'Page' ? end.visit.status : end.to.href).toBe(400)
          expect(sentTo(await person.pursue({ _tag: 'Page', visit })).searchParams.has('code')).toBe(true)
        }
      }),
      ...['ALLOW', 'true', '1', 'allow ', ''].map((decision) =>
        variant(`decision=${decision} decides nothing: the page is shown again`, async () => {
          const { end } = await submitted([
            ['scope', 'patient/*.rs'],
            ['decision', decision]
          ])
          expect(end._tag === 'Page' ? end.visit.document.querySelector('h1')?.text : end.to.href).toBe('Give access?')
        })
      )
    ]
  }
]

/**
 * Past the time of the conversation a decision is refused; the user is never taken up again, not by a clock that goes
 * back either.
 */
const afterItsTime = async (fixture: Fixture, seconds: number): Promise<void> => {
  const waits = await atConsent(fixture)
  const { interactionLifetimeSeconds: life } = fixture.server.policy
  fixture.clock.now += life + seconds
  const before = storeOf(fixture)
  expectPage(await agree(fixture, waits), 400, 'invalid_request', 'InteractionExpired')
  const key = grantKeyOf(waits.interaction.grantId)
  expect(storeOf(fixture).filter(([name]) => name !== key)).toEqual(before.filter(([name]) => name !== key))
  expect(storeOf(fixture).find(([name]) => name === key)?.[1]).toContain('"_tag":"Expired"')
  fixture.clock.now -= life
  expectPage(await leavesStoreAlone(fixture, () => agree(fixture, waits)), 400, 'invalid_request', 'InteractionOver')
}

attackGroup({
  endpoint: 'consent',
  rows,
  controls: [
    variant('the user agrees, and the token is good', async (fixture) => {
      const code = expectCode(await agree(fixture, await atConsent(fixture)))
      expect(await isAlive(fixture, String(bodyOf(await exchange(fixture, code))['access_token']))).toBe(true)
    }),
    variant('the last second of the conversation is not over', async (fixture) => {
      const waits = await atConsent(fixture)
      fixture.clock.now += fixture.server.policy.interactionLifetimeSeconds - 1
      expect(redirected(await agree(fixture, waits))?.has('code')).toBe(true)
      expect(format(waits.details.scopes)).toContain('patient/*.rs')
    }),
    variant('over HTTP: a person signs in, chooses and agrees', async () => {
      const { person, visit } = await personAt(simulator().base, 'Sign in')
      expect(sentTo(await person.pursue({ _tag: 'Page', visit })).searchParams.has('code')).toBe(true)
    })
  ]
})
