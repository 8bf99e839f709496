/** Each request parses each scope text at most once: the parser is counted, endpoint by endpoint. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import {
  answered,
  asBearer,
  asserted,
  backendToken,
  callersWorld,
  introspect,
  withCallers
} from '../../support/server/callers.js'
import type { Fixture, FixtureOptions } from '../../support/server-fixture.js'
import {
  alice,
  authorize,
  bodyOf,
  exchange,
  get,
  issuer,
  newFixture,
  obtainCode,
  post,
  present,
  refresh
} from '../../support/server-fixture.js'
import type { Conversation } from '../../../src/engine/server/interaction/conversation.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import { format } from '../../../src/scopes/format.js'
import type * as Parser from '../../../src/scopes/parse.js'
import { parse } from '../../../src/scopes/parse.js'
import type { Scope, ScopeSet } from '../../../src/scopes/scope.js'

const seen = vi.hoisted(() => ({ texts: [] as Array<string> }))

vi.mock('../../../src/scopes/parse.js', async (load) => {
  const real = await load<typeof Parser>()
  const counted =
    <Reading>(read: (text: string) => Reading) =>
    (text: string): Reading => {
      seen.texts.push(text)
      return read(text)
    }
  return {
    ...real,
    parse: counted(real.parse),
    parseStrict: counted(real.parseStrict),
    parseScope: counted(real.parseScope)
  }
})

/** The texts that were parsed meanwhile, each as often as it was parsed. */
const parsedIn = async (request: () => Promise<unknown>): Promise<ReadonlyArray<string>> => {
  seen.texts.length = 0
  await request()
  return seen.texts.toSorted()
}

const requestedNow = 'launch/patient openid fhirUser offline_access patient/*.rs'
const narrower = 'launch/patient offline_access patient/*.rs'

/** A policy of the host that permits less than is requested. */
const narrowing = (requested: ScopeSet): ScopeSet =>
  requested.filter(({ text }: Scope) => text !== 'openid' && text !== 'fhirUser')

const permitting = (permitted: (requested: ScopeSet) => ScopeSet): FixtureOptions => ({
  ports: { accessPolicy: { permittedScopes: (_user, _client, requested) => TaskEither.right(permitted(requested)) } }
})

/** A conversation up to the page of the given kind. */
const upTo = async (
  fixture: Fixture,
  page: 'NeedsContext' | 'NeedsConsent'
): Promise<Extract<Conversation, { readonly _tag: typeof page }>> => {
  let conversation = await authorize(fixture)
  while (conversation._tag !== page) {
    if (conversation._tag !== 'NeedsUser' && conversation._tag !== 'NeedsContext') throw new Error(conversation._tag)
    conversation = await (
      conversation._tag === 'NeedsUser'
        ? fixture.server.interaction.userSignedIn(conversation.interaction, alice)
        : fixture.server.interaction.contextChosen(conversation.interaction, { patient: '123' })
    )()
  }
  return conversation
}

const tokensOf = async (fixture: Fixture): Promise<{ readonly access: string; readonly refreshToken: string }> => {
  const body = bodyOf(await exchange(fixture, await obtainCode(fixture)))
  return { access: String(body['access_token']), refreshToken: String(body['refresh_token']) }
}

/** An access token with a narrower scope than its grant. */
const narrowedToken = async (fixture: Fixture): Promise<string> => {
  const { refreshToken } = await tokensOf(fixture)
  return String(bodyOf(await refresh(fixture, refreshToken, { scope: narrower }))['access_token'])
}

const policies: ReadonlyArray<Partial<SmartPolicy>> = [
  {},
  { accessPolicyChecks: 'atSignIn' },
  { accessTokenFormat: 'jwt' },
  { unknownScope: 'reject', malformedScope: 'reject', mixedScopeVersions: 'reject', wildcardWithQuery: 'reject' },
  { v1WithQuery: 'asV2', mixedScopeVersions: 'normaliseToV2' }
]

describe.each(policies)('with the policy %j, a scope text is parsed once by', (policy) => {
  let fixture = callersWorld({ policy })
  beforeEach(() => {
    fixture = callersWorld({ policy })
  })

  it('an authorization request', async () => {
    expect(await parsedIn(() => authorize(fixture))).toEqual([requestedNow])
  })

  it('the sign-in, the choice of a patient and a page that is loaded again', async () => {
    const opened = await authorize(fixture)
    if (opened._tag !== 'NeedsUser') throw new Error(opened._tag)
    expect(await parsedIn(fixture.server.interaction.resume({ ...opened.interaction, present: null }))).toEqual([
      requestedNow
    ])
    expect(await parsedIn(fixture.server.interaction.userSignedIn(opened.interaction, alice))).toEqual([requestedNow])
    const { interaction } = await upTo(fixture, 'NeedsContext')
    expect(await parsedIn(fixture.server.interaction.contextChosen(interaction, { patient: '123' }))).toEqual([
      requestedNow
    ])
  })

  it('a consent, whole or in part', async () => {
    const whole = await upTo(fixture, 'NeedsConsent')
    expect(await parsedIn(fixture.server.interaction.consentGiven(whole.interaction, whole.details.scopes))).toEqual([
      requestedNow
    ])
    const part = await upTo(fixture, 'NeedsConsent')
    expect(await parsedIn(fixture.server.interaction.consentGiven(part.interaction, parse(narrower)))).toEqual(
      [requestedNow, narrower].toSorted()
    )
  })

  it('a code exchange', async () => {
    const code = await obtainCode(fixture)
    expect(await parsedIn(() => exchange(fixture, code))).toEqual([requestedNow])
  })

  it('a refresh, of everything, of the same text and of less', async () => {
    const { refreshToken } = await tokensOf(fixture)
    const answers = [{}, { scope: requestedNow }, { scope: narrower }]
    const expected = [[requestedNow], [requestedNow], [requestedNow, narrower].toSorted()]
    let current = refreshToken
    for (const [index, change] of answers.entries()) {
      const texts = await parsedIn(async () => {
        const response = await refresh(fixture, current, change)
        expect(response.status).toBe(200)
        current = String(bodyOf(response)['refresh_token'])
      })
      expect(texts).toEqual(expected[index])
    }
  })

  it('a request for client_credentials', async () => {
    const { client_assertion: assertion = null, client_assertion_type: type = null } = asserted(
      fixture,
      'backend',
      `${issuer}/token`
    )
    const request = post(
      '/token',
      present({
        grant_type: 'client_credentials',
        scope: 'system/Observation.rs',
        client_assertion: assertion,
        client_assertion_type: type
      })
    )
    const texts = await parsedIn(async () => {
      expect((await fixture.server.endpoints.token(request)()).status).toBe(200)
    })
    expect(texts).toEqual(['system/Observation.rs'])
  })

  it('an introspection, by a resource server and by a bearer', async () => {
    const token = await narrowedToken(fixture)
    const bearer = await backendToken(fixture, 'gateway')
    for (const headers of [undefined, asBearer(bearer)]) {
      const texts = await parsedIn(async () => {
        expect(bodyOf(await introspect(fixture, token, headers))).toMatchObject({ active: true, scope: narrower })
      })
      expect(texts).toEqual([narrower])
    }
    const { access } = await tokensOf(fixture)
    expect((await parsedIn(() => introspect(fixture, access))).filter((text) => text !== requestedNow)).toEqual([])
  })

  it('a request with a bearer token, at a FHIR server and at the userinfo endpoint', async () => {
    const { access } = await tokensOf(fixture)
    const narrowed = await narrowedToken(fixture)
    for (const [token, text] of [
      [access, requestedNow],
      [narrowed, narrower]
    ] as const) {
      const request = get('/fhir/Patient/123', '', asBearer(token))
      expect(await parsedIn(fixture.server.resource.bearer(request))).toEqual([text])
      expect(await parsedIn(() => answered(fixture, get('/userinfo', '', asBearer(token))))).toEqual([text])
    }
  })
})

describe('where the policy of the host permits less, a scope text is parsed once by', () => {
  it('the sign-in, the consent, the code exchange and the refresh', async () => {
    const box = { permitted: (requested: ScopeSet): ScopeSet => requested }
    const fixture = newFixture(withCallers(permitting((requested) => box.permitted(requested))))
    const consent = await upTo(fixture, 'NeedsConsent')
    box.permitted = narrowing
    expect(await parsedIn(fixture.server.interaction.consentGiven(consent.interaction, parse(narrower)))).toEqual(
      [requestedNow, narrower].toSorted()
    )
    const opened = await authorize(fixture)
    if (opened._tag !== 'NeedsUser') throw new Error(opened._tag)
    expect(await parsedIn(fixture.server.interaction.userSignedIn(opened.interaction, alice))).toEqual(
      [requestedNow, narrower].toSorted()
    )
    box.permitted = (requested) => requested
    const code = await obtainCode(fixture)
    box.permitted = narrowing
    let refreshToken = ''
    const exchanged = await parsedIn(async () => {
      refreshToken = String(bodyOf(await exchange(fixture, code))['refresh_token'])
    })
    expect(exchanged).toEqual([requestedNow, narrower].toSorted())
    expect(await parsedIn(() => refresh(fixture, refreshToken, { scope: narrower }))).toEqual(
      [requestedNow, narrower].toSorted()
    )
  })
})

describe('the counter', () => {
  it('sees a second parse of the same text', async () => {
    const again = permitting((requested) => parse(format(requested)))
    const fixture = newFixture(again)
    const code = await obtainCode(fixture)
    expect(await parsedIn(() => exchange(fixture, code))).toEqual([requestedNow, requestedNow])
  })
})
