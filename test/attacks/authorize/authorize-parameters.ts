/** The attacks on the authorization request's parameters as such: repeated, renamed, unreadable, oversized. */
import { expect } from 'vitest'
import {
  agree,
  atConsent,
  authorizeWith,
  expectCode,
  expectErrorRedirect,
  expectPage,
  waiting
} from '../../support/server/conversation.js'
import type { AttackRow, Variant } from '../row.js'
import { leavesStoreAlone } from '../../support/server/stored.js'
import type { Change, Fixture } from '../../support/server-fixture.js'
import {
  alice,
  authorizationParameters,
  authorize,
  bodyOf,
  exchange,
  redirectUri,
  redirected
} from '../../support/server-fixture.js'
import type { Conversation } from '../../../src/engine/server/interaction/conversation.js'
import { readForm } from '../../../src/protocol/http/form.js'

export const variant = (name: string, run: (fixture: Fixture) => Promise<void>): Variant => ({ name, run })

/** A request that ends on a page, and leaves no trace. */
export const onPage = (name: string, change: Change, raw = '', error = 'invalid_request'): Variant =>
  variant(name, async (fixture) => {
    expectPage(
      await leavesStoreAlone(fixture, () => authorizeWith(fixture, authorizationParameters(change), raw)),
      400,
      error
    )
  })

/** A request that ends at the app with an error, and leaves no trace. */
export const byRedirect = (
  name: string,
  change: Change,
  error: string,
  state: string | null = 'state-1',
  raw = ''
): Variant =>
  variant(name, async (fixture) => {
    expectErrorRedirect(
      await leavesStoreAlone(fixture, () => authorizeWith(fixture, authorizationParameters(change), raw)),
      error,
      state
    )
  })

/** Goes through the conversation that a request began: a code comes of it. */
const toTheEnd = async (fixture: Fixture, conversation: Conversation): Promise<ReadonlyMap<string, string>> => {
  const begun = await fixture.server.interaction.userSignedIn(waiting(conversation).interaction, {
    ...alice,
    fhirUser: null,
    authTime: fixture.clock.now
  })()
  const chosen =
    begun._tag === 'NeedsContext'
      ? await fixture.server.interaction.contextChosen(begun.interaction, { patient: '123' })()
      : begun
  return new Map(redirected(await agree(fixture, waiting(chosen))))
}

const without = (name: string): ReadonlyArray<readonly [string, string]> => authorizationParameters({ [name]: null })

/** The same request with parameters that nobody knows: what comes of it is what comes without them. */
const isInert = async (fixture: Fixture, raw: string): Promise<void> => {
  const plain = await toTheEnd(fixture, await authorize(fixture))
  const other = await toTheEnd(fixture, await authorizeWith(fixture, authorizationParameters(), raw))
  expect([...other.keys()]).toEqual([...plain.keys()])
  const granted = async (code = ''): Promise<unknown> => {
    const { scope, patient } = bodyOf(await exchange(fixture, code))
    return { scope, patient }
  }
  expect(await granted(other.get('code'))).toEqual(await granted(plain.get('code')))
}

const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

const echoes = async (fixture: Fixture, state: string): Promise<void> => {
  const code = expectCode(await agree(fixture, await atConsent(fixture, { state })), state)
  expect((await exchange(fixture, code)).status).toBe(200)
}

export const parameterRows: ReadonlyArray<AttackRow> = [
  {
    id: 'AUT-01',
    variants: [
      onPage('the same client_id twice', {}, 'client_id=pub-app'),
      onPage('another client_id behind it', {}, 'client_id=sym-app')
    ]
  },
  {
    id: 'AUT-02',
    variants: [
      onPage('registered, then evil', {}, 'redirect_uri=https%3A%2F%2Fevil.example%2Fcb'),
      variant('evil, then registered', async (fixture) => {
        const parameters = [['redirect_uri', 'https://evil.example/cb'], ...authorizationParameters()] as const
        expectPage(
          await leavesStoreAlone(fixture, () => authorizeWith(fixture, parameters, '')),
          400,
          'invalid_request'
        )
      }),
      onPage('the registered one twice', {}, `redirect_uri=${encodeURIComponent(redirectUri)}`)
    ]
  },
  {
    id: 'AUT-06',
    variants: ['redirect_uri[]', 'redirect_uri[0]', 'redirect_uri[x]', 'redirect_uri%5B%5D', 'redirect_uri.0'].map(
      (name) =>
        variant(`${name} in place of redirect_uri`, async (fixture) => {
          const raw = `${name}=${encodeURIComponent(redirectUri)}`
          expectPage(
            await leavesStoreAlone(fixture, () => authorizeWith(fixture, without('redirect_uri'), raw)),
            400,
            'invalid_request',
            'RedirectUriMissing'
          )
          await isInert(fixture, `${name}=https%3A%2F%2Fevil.example%2Fcb`)
        })
    )
  },
  {
    id: 'AUT-07',
    variants: [
      '__proto__[scope]=system/*.cruds&constructor[prototype][aud]=x&__proto__=1',
      '__proto__=1&__proto__=2&constructor=x&toString=y'
    ].map((raw) =>
      variant(raw, async (fixture) => {
        await isInert(fixture, raw)
        const clean = {} as Readonly<Record<string, unknown>>
        expect([clean['scope'], clean['aud'], Object.keys(Object.prototype)]).toEqual([undefined, undefined, []])
        // A map has no names but those that were put into it.
        expect(readForm('a=1')).toMatchObject({ right: new Map([['a', ['1']]]) })
      })
    )
  },
  {
    id: 'AUT-08',
    variants: [
      onPage('client%5Fid', {}, 'client%5Fid=other-app'),
      onPage('%63lient_id', {}, '%63lient_id=other-app'),
      onPage('redirect%5furi', {}, 'redirect%5furi=https%3A%2F%2Fevil.example'),
      byRedirect('%73cope', {}, 'invalid_request', 'state-1', '%73cope=system/*.cruds'),
      byRedirect('st%61te', {}, 'invalid_request', null, 'st%61te=other')
    ]
  },
  {
    id: 'AUT-09',
    variants: [
      ...['client_id', 'redirect_uri'].flatMap((name) => [
        onPage(`${name}=`, { [name]: '' }),
        onPage(`${name} without =`, { [name]: null }, name)
      ]),
      byRedirect('code_challenge=', { code_challenge: '' }, 'invalid_request'),
      byRedirect('code_challenge_method=', { code_challenge_method: '' }, 'invalid_request'),
      byRedirect('response_type=', { response_type: '' }, 'invalid_request'),
      byRedirect('aud=', { aud: '' }, 'invalid_request')
    ]
  },
  {
    id: 'AUT-10',
    variants: [
      byRedirect('no state', { state: null }, 'invalid_request', null),
      byRedirect('state=', { state: '' }, 'invalid_request', null)
    ]
  },
  {
    id: 'AUT-11',
    variants: [
      variant('extra=foobar', (fixture) => isInert(fixture, 'extra=foobar')),
      variant('an unknown parameter twice', (fixture) => isInert(fixture, 'extra=foobar&extra=x&=&&a'))
    ]
  },
  {
    id: 'AUT-16',
    variants: [
      ...['state=%ff', 'state=%C0%AF', 'state=%ED%A0%80', 'state=%', 'state=%zz'].map((raw) =>
        onPage(raw, { state: null }, raw)
      ),
      onPage('aud=%fe', { aud: null }, 'aud=%fe'),
      onPage('an unreadable name', {}, '%ff=x')
    ]
  },
  {
    id: 'AUT-17',
    variants: [
      ...['abc\r\nSet-Cookie: sid=evil', 'a\nb', 'a\u0085b'].map((state) =>
        variant(JSON.stringify(state), async (fixture) => {
          const refused = await leavesStoreAlone(fixture, () => authorize(fixture, { state }))
          const { headers } = expectErrorRedirect(refused, 'invalid_request', null)
          expect(Object.keys(headers).toSorted()).toEqual(['cache-control', 'location', 'pragma', 'referrer-policy'])
          for (const value of Object.values(headers)) expect(value).not.toMatch(/[\r\n]|evil/)
        })
      ),
      variant('U+560A U+560D, which a narrowing printer turns into CR LF', async (fixture) => {
        const conversation = await agree(fixture, await atConsent(fixture, { state: '\u560a\u560d' }))
        expectCode(conversation, '\u560a\u560d')
        const location = conversation._tag === 'SendToApp' ? conversation.response.headers['location'] : ''
        expect(location).toContain('%E5%98%8A%E5%98%8D')
      })
    ],
    differs:
      'U+560A and U+560D are letters like others: they come back percent-encoded, so that no printer can narrow them'
  },
  {
    id: 'AUT-18',
    variants: [
      variant('1,024, 1,025 and 4,096 characters are echoed', async (fixture) => {
        for (const length of [1024, 1025, 4096]) await echoes(fixture, 's'.repeat(length))
      }),
      ...[4097, 65536].map((length) =>
        byRedirect(`${String(length)} characters`, { state: 's'.repeat(length) }, 'invalid_request', null)
      )
    ]
  },
  {
    id: 'AUT-19',
    variants: [
      '&code=evil#x"<script>\';%',
      '+ %2B%20',
      '?code=x&iss=https://evil.example',
      '日本語 é 🙂',
      '__proto__'
    ].map((state) => variant(state, (fixture) => echoes(fixture, state)))
  },
  {
    id: 'AUT-21',
    variants: [
      'token',
      'id_token',
      'code token',
      'code id_token',
      'none',
      'CODE',
      'code ',
      ' code',
      'code code',
      'vp_token'
    ].map((type) => byRedirect(JSON.stringify(type), { response_type: type }, 'unsupported_response_type'))
  },
  {
    id: 'AUT-22',
    variants: [
      ...['fragment', 'form_post', 'form_post.jwt', 'web_message', 'QUERY', 'query.jwt'].map((mode) =>
        byRedirect(mode, { response_mode: mode }, 'invalid_request')
      ),
      byRedirect(
        'query, and then fragment',
        { response_mode: 'query' },
        'invalid_request',
        'state-1',
        'response_mode=fragment'
      )
    ]
  },
  {
    id: 'AUT-25',
    variants: ['-1', '1e999', 'NaN', '9007199254740993', '1.5', '0x10', ' 1', 'Infinity'].map((age) =>
      byRedirect(`max_age=${age}`, { max_age: age }, 'invalid_request')
    )
  },
  {
    id: 'AUT-26',
    variants: [
      ...(
        [
          ['20,000 levels', nested(20_000)],
          ['1 MiB', `{"a":"${'x'.repeat(1 << 20)}"}`],
          ['__proto__', '{"__proto__":{"scope":"system/*.cruds"}}']
        ] as const
      ).map(([name, claims]) =>
        variant(`claims: ${name}`, (fixture) => isInert(fixture, `claims=${encodeURIComponent(claims)}`))
      )
    ]
  },
  {
    id: 'AUT-101',
    variants: [
      variant('the same scopes in reversed order', async (fixture) => {
        const scope = 'launch/patient openid fhirUser offline_access patient/Observation.rs patient/Condition.rs'
        const grantedFor = async (requestedScope: string): Promise<ReadonlyArray<string>> => {
          const waits = await atConsent(fixture, { scope: requestedScope })
          return String(bodyOf(await exchange(fixture, expectCode(await agree(fixture, waits))))['scope'])
            .split(' ')
            .toSorted()
        }
        const granted = await grantedFor(scope)
        expect(granted).toEqual(scope.split(' ').toSorted())
        expect(await grantedFor(scope.split(' ').toReversed().join(' '))).toEqual(granted)
      })
    ]
  },
  {
    id: 'AUT-102',
    variants: [
      variant('client_id=pub-app;scope=system/*.cruds', async (fixture) => {
        const refused = await leavesStoreAlone(fixture, () =>
          authorizeWith(fixture, without('client_id'), 'client_id=pub-app;scope=system/*.cruds')
        )
        expectPage(refused, 400, 'invalid_request', 'ClientUnknown')
      }),
      variant('a semicolon in the redirect URI', async (fixture) => {
        const raw = `redirect_uri=${encodeURIComponent(redirectUri)};x=1`
        expectPage(
          await leavesStoreAlone(fixture, () => authorizeWith(fixture, without('redirect_uri'), raw)),
          400,
          'invalid_request'
        )
      })
    ]
  }
]
