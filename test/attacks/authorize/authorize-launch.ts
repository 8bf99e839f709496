/** The attacks on the launch handle, and on what binds a conversation to one browser, one user and one app. */
import * as Either from 'fp-ts/lib/Either.js'
import { parse as parseHtml } from 'node-html-parser'
import { expect } from 'vitest'
import { answered } from '../../support/server/callers.js'
import { byRedirect, variant } from './authorize-parameters.js'
import {
  agree,
  atConsent,
  expectCode,
  expectErrorRedirect,
  expectPage,
  sentParameters,
  waiting
} from '../../support/server/conversation.js'
import type { AttackRow } from '../row.js'
import { leavesStoreAlone, storeOf } from '../../support/server/stored.js'
import type { Change, Fixture } from '../../support/server-fixture.js'
import {
  alice,
  authorize,
  bodyOf,
  exchange,
  grantKeyOf,
  isAlive,
  post,
  redirectUri
} from '../../support/server-fixture.js'
import { errorData } from '../../../src/host/host-context.js'
import { refusalPage } from '../../../src/simulator/pages/error.js'
import type { Conversation } from '../../../src/engine/server/interaction/conversation.js'
import type { EhrLaunchRequest } from '../../../src/engine/server/interaction/offer-launch.js'

/** A launch that the EHR offers: the handle. */
export const handleOf = async (fixture: Fixture, offer: Partial<EhrLaunchRequest> = {}): Promise<string> => {
  const made = await fixture.server.ehr.offerLaunch({
    clientId: 'pub-app',
    launchedBy: 'alice',
    context: { patient: 'A' },
    ...offer
  })()
  if (Either.isLeft(made)) throw new Error(made.left._tag)
  return made.right
}

export const ehrScope = 'launch patient/*.rs'

export const launched = (launch: string, change: Change = {}): Change => ({ scope: ehrScope, launch, ...change })

const noSuchHandle = (name: string, launch: string) => byRedirect(name, launched(launch), 'invalid_request')

/** The launch can still be used by whom it was made for: a token with the patient of the launch. */
const isStillGood = async (fixture: Fixture, launch: string): Promise<void> => {
  const code = expectCode(await agree(fixture, await atConsent(fixture, launched(launch))))
  expect(bodyOf(await exchange(fixture, code))['patient']).toBe('A')
}

export const launchRows: ReadonlyArray<AttackRow> = [
  {
    id: 'AUT-79',
    variants: [
      noSuchHandle('launch=nope', 'nope'),
      noSuchHandle('a NUL', '\u0000'),
      noSuchHandle('64 KiB', 'x'.repeat(65_536)),
      noSuchHandle("a context of one's own, in base64", Buffer.from('{"patient":"B"}').toString('base64')),
      noSuchHandle("a context of one's own, in base64url", Buffer.from('{"patient":"B"}').toString('base64url')),
      noSuchHandle('a name of every object', '__proto__'),
      variant('the key under which a launch is stored, and its digest', async (fixture) => {
        await handleOf(fixture)
        const key = storeOf(fixture).find(([name]) => name.startsWith('launch:'))?.[0] ?? ''
        for (const launch of [key, key.slice('launch:'.length), key.slice(key.lastIndexOf(' ') + 1)]) {
          expectErrorRedirect(
            await leavesStoreAlone(fixture, () => authorize(fixture, launched(launch))),
            'invalid_request'
          )
        }
      }),
      variant('a handle of which one character is another, and one that is over', async (fixture) => {
        const launch = await handleOf(fixture)
        for (const other of [`${launch}x`, launch.slice(1), launch.toUpperCase(), `${launch} `]) {
          expectErrorRedirect(
            await leavesStoreAlone(fixture, () => authorize(fixture, launched(other))),
            'invalid_request'
          )
        }
        fixture.clock.now += fixture.server.policy.launchLifetimeSeconds
        expectErrorRedirect(await authorize(fixture, launched(launch)), 'invalid_request')
      })
    ]
  },
  {
    id: 'AUT-80',
    variants: [
      variant('a handle for sym-app, used by pub-app', async (fixture) => {
        const foreign = await handleOf(fixture, { clientId: 'sym-app' })
        const refused = await leavesStoreAlone(fixture, () => authorize(fixture, launched(foreign)))
        expectErrorRedirect(refused, 'invalid_request')
        expect(fixture.audited.at(-1)?.refusal?._tag).toBe('LaunchOfAnotherClient')
        // The thief cannot tell a foreign handle from an invented one.
        expect(await authorize(fixture, launched('nope'))).toEqual(refused)
        expectCode(await agree(fixture, await atConsent(fixture, launched(foreign, { client_id: 'sym-app' }))))
      })
    ]
  },
  {
    id: 'AUT-82',
    variants: [
      variant('a second request with a handle that bought a code', async (fixture) => {
        const launch = await handleOf(fixture)
        const first = bodyOf(
          await exchange(fixture, expectCode(await agree(fixture, await atConsent(fixture, launched(launch)))))
        )
        expectErrorRedirect(
          await leavesStoreAlone(fixture, () => authorize(fixture, launched(launch))),
          'invalid_request'
        )
        expect(await isAlive(fixture, String(first['access_token']))).toBe(true)
      }),
      variant('two conversations with one handle: one of them gets a code', async (fixture) => {
        const launch = await handleOf(fixture)
        const early = await atConsent(fixture, launched(launch))
        const late = await atConsent(fixture, launched(launch))
        expectErrorRedirect(await agree(fixture, early), 'invalid_request')
        expectCode(await agree(fixture, late))
      }),
      variant(
        'a consent that buys no code does not spend the handle: nothing agreed to, too late, or without its proof',
        async (fixture) => {
          const launch = await handleOf(fixture)
          const nothing = await atConsent(fixture, launched(launch))
          expectErrorRedirect(await fixture.server.interaction.consentGiven(nothing.interaction, [])(), 'access_denied')
          const forged = await atConsent(fixture, launched(launch))
          expectPage(
            await agree(fixture, { ...forged, interaction: { ...forged.interaction, formToken: 'x' } }),
            403,
            'invalid_request'
          )
          fixture.clock.now += fixture.server.policy.launchLifetimeSeconds - 1
          const late = await atConsent(fixture, launched(launch), { ...alice, authTime: fixture.clock.now })
          fixture.clock.now += fixture.server.policy.interactionLifetimeSeconds
          expectPage(await agree(fixture, late), 400, 'invalid_request', 'InteractionExpired')
          expect(
            storeOf(fixture).filter(([name, text]) => name.startsWith('launch:') && text.includes('"_tag":"Spent"'))
              .length
          ).toBe(0)
        }
      ),
      variant('after a consent that bought no code the user may begin again', async (fixture) => {
        const launch = await handleOf(fixture)
        await fixture.server.interaction.consentGiven((await atConsent(fixture, launched(launch))).interaction, [])()
        await isStillGood(fixture, launch)
      })
    ]
  },
  {
    id: 'AUT-85',
    variants: [
      variant('alice launched, and mallory is signed in', async (fixture) => {
        const launch = await handleOf(fixture)
        const { interaction, details } = waiting(await authorize(fixture, launched(launch)))
        expect(details.launchedBy).toBe('alice')
        expectErrorRedirect(
          await fixture.server.interaction.userSignedIn(interaction, { ...alice, sub: 'mallory' })(),
          'access_denied'
        )
        expect(fixture.audited.at(-1)).toMatchObject({ clientId: 'pub-app', refusal: { _tag: 'LaunchOfAnotherUser' } })
        await isStillGood(fixture, launch)
      })
    ]
  }
]

/** An app that registered itself just now. */
const registered = async (fixture: Fixture): Promise<{ readonly client_id: string }> => {
  const metadata = {
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
    scope: 'launch launch/patient patient/*.rs'
  }
  const response = await answered(fixture, {
    ...post('/register', []),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata)
  })
  return { client_id: String(bodyOf(response)['client_id']) }
}

/** The app is informed only if the user follows the link: what the link says is what a redirect would have said. */
const expectInterstitial = (conversation: Conversation, error: string): void => {
  expect(conversation).toMatchObject({ _tag: 'ShowRefusal', row: { error } })
  const location = conversation._tag === 'ShowRefusal' ? (conversation.onward ?? '') : ''
  expect(location.startsWith(`${redirectUri}?error=`)).toBe(true)
  if (conversation._tag === 'ShowRefusal') {
    const links = parseHtml(refusalPage('', errorData(conversation.refusal, { onward: location })).html)
      .querySelectorAll('a')
      .map((link) => link.getAttribute('href'))
    expect(links).toContain(location)
  }
  expect(sentParameters({ status: 303, headers: { location }, body: '' }).get('error')).toBe(error)
}

export const conversationRows: ReadonlyArray<AttackRow> = [
  {
    id: 'AUT-99',
    variants: [
      variant('consent for the first, with what the second asks for', async (fixture) => {
        const first = await atConsent(fixture, { scope: 'launch/patient patient/Observation.rs', state: 'first' })
        const second = await atConsent(fixture, { scope: 'launch/patient patient/*.rs', state: 'second' })
        const key = grantKeyOf(second.interaction.grantId)
        const recordOf = (): string | undefined => storeOf(fixture).find(([name]) => name === key)?.[1]
        const before = recordOf()
        const sent = await fixture.server.interaction.consentGiven(first.interaction, second.details.scopes)()
        expect(bodyOf(await exchange(fixture, expectCode(sent, 'first')))['scope']).toBe(
          'launch/patient patient/Observation.rs'
        )
        expect(recordOf()).toBe(before)
        expectCode(await agree(fixture, second), 'second')
      })
    ]
  },
  {
    id: 'AUT-94',
    fixture: { settings: { registration: { mode: 'open' } } },
    variants: [
      variant('prompt=none', async (fixture) => {
        const waits = waiting(await authorize(fixture, { ...(await registered(fixture)), prompt: 'none' }))
        expectInterstitial(await fixture.server.interaction.pageNeeded(waits.interaction)(), 'login_required')
      }),
      variant('an invalid scope, an unknown launch, another server', async (fixture) => {
        const app = await registered(fixture)
        const cases: ReadonlyArray<readonly [Change, string]> = [
          [{ scope: 'patient/"' }, 'invalid_scope'],
          [launched('nope'), 'invalid_request'],
          [{ aud: 'https://evil.example/fhir' }, 'invalid_request'],
          [{ response_type: 'token' }, 'unsupported_response_type'],
          [{ code_challenge: null }, 'invalid_request'],
          [{ scope: 'nothing' }, 'invalid_scope']
        ]
        for (const [change, error] of cases) {
          expectInterstitial(await leavesStoreAlone(fixture, () => authorize(fixture, { ...app, ...change })), error)
        }
      }),
      variant('the user of another EHR session', async (fixture) => {
        const app = await registered(fixture)
        const launch = await handleOf(fixture, { clientId: app.client_id })
        const { interaction } = waiting(await authorize(fixture, { ...app, ...launched(launch) }))
        expectInterstitial(
          await fixture.server.interaction.userSignedIn(interaction, { ...alice, sub: 'mallory' })(),
          'access_denied'
        )
      }),
      variant(
        'who says no on a page that names the app is sent there at once, and so is who agrees',
        async (fixture) => {
          const app = await registered(fixture)
          expectErrorRedirect(
            await fixture.server.interaction.userDenied((await atConsent(fixture, app)).interaction)(),
            'access_denied'
          )
          expectCode(await agree(fixture, await atConsent(fixture, app)))
        }
      )
    ]
  }
]
