import { list, times, word } from './inputs.js'
import type { LinearRow } from './row.js'
import { isResponseAt } from '../../src/protocol/app/callback.js'
import { checkSmartConfiguration } from '../../src/protocol/discovery/smart-configuration-check.js'
import { readTokenResponse } from '../../src/protocol/app/token-response.js'
import { readAuthorizationRequest } from '../../src/protocol/authorization/request.js'
import { readAssertion } from '../../src/protocol/jwt/jwt.js'
import { originsOf } from '../../src/protocol/client/cors.js'
import { readCredentials } from '../../src/protocol/client/credentials.js'
import { readForm, repeated } from '../../src/protocol/http/form.js'
import { chooseKey, keptKeys, readJwks } from '../../src/protocol/jwt/jwk.js'
import { checkContext } from '../../src/protocol/launch/launch-context-rules.js'
import { presentedTokenOf } from '../../src/protocol/token/classify-token.js'
import { readRegistration, readReplacement } from '../../src/protocol/registration/request.js'
import { GrantCodec } from '../../src/protocol/grant/state.js'
import { readTokenParameters, readTokenRequest } from '../../src/protocol/token/request.js'
import { readAccessToken, readRefreshToken } from '../../src/protocol/token/opaque-token.js'
import { readDocument, trustList } from '../../src/protocol/app/trusted-server.js'
import { decode, encode, isBase64url } from '../../src/values/base64url.js'
import { hasUniqueNames, isJsonValue, isNestedWithin, parseJson, sizeWithin } from '../../src/values/json.js'
import { holdsNullText, withNumbersAsTexts, withTextsAsNumbers } from '../../src/values/json-numbers.js'
import { below, withParameters } from '../../src/values/urls.js'

/** Texts of forms. */
const forms: Readonly<Record<string, (size: number) => string>> = {
  'parameters that differ': (size) => list(size, (place) => `p${word(place)}=${word(place)}`, '&'),
  'one parameter again and again': (size) => list(size, (place) => `scope=${word(place)}`, '&'),
  'a long value': (size) => `scope=${'a'.repeat(20 * size)}`,
  'percent-encoding': (size) => `scope=${'%41'.repeat(size)}`,
  'separators alone': (size) => '&'.repeat(size),
  'many equals signs': (size) => `scope=${'='.repeat(size)}`
}

/** Texts of JSON. */
const documents: Readonly<Record<string, (size: number) => string>> = {
  'members of one object': (size) => `{${list(size, (place) => `"m${word(place)}":${String(place)}`, ',')}}`,
  'objects of a list': (size) => `{"l":[${list(size, (place) => `{"a":${String(place)},"b":"${word(place)}"}`, ',')}]}`,
  'a long text': (size) => `{"t":"${'a'.repeat(20 * size)}"}`,
  'a text of escapes': (size) => `{"t":"${'\\u0041\\\\\\"'.repeat(size)}"}`,
  'names with escapes': (size) => `{${list(size, (place) => `"\\u0061${word(place)}":1`, ',')}}`,
  'lists within lists': (size) => `{"l":${'['.repeat(size)}${']'.repeat(size)}}`,
  'long numbers': (size) => `{"n":[${list(size, (place) => `1.${word(place).replace(/[^0-9]/g, '7')}0e1`, ',')}]}`,
  'one long number': (size) => `{"n":1.${'1'.repeat(size)}}`
}

const rowsOf = (
  name: string,
  shapes: Readonly<Record<string, (size: number) => string>>,
  work: (text: string) => unknown
): ReadonlyArray<LinearRow> =>
  Object.entries(shapes).map(([shape, textOf]) => ({
    name: `${name}: ${shape}`,
    of: (size) => {
      const text = textOf(size)
      return () => work(text)
    }
  }))

const post = (body: string, headers: Readonly<Record<string, string>> = {}) => ({
  method: 'POST',
  path: '/token',
  query: '',
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body
})

const named = ['scope', 'state', 'client_id', 'resource', 'grant_type'] as const

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  readForm: (text) => readForm(text),
  'readForm, and what is repeated': (text) => {
    const form = readForm(text)
    return form._tag === 'Right' ? repeated(form.right, named) : null
  },
  'an authorization request': (text) => {
    const form = readForm(text)
    return form._tag === 'Right' ? readAuthorizationRequest(form.right) : null
  },
  'a token request': (text) => {
    const form = readTokenParameters(post(`grant_type=client_credentials&${text}`))
    return form._tag === 'Right' ? readTokenRequest(form.right) : null
  },
  credentials: (text) => {
    const form = readForm(text)
    return form._tag === 'Right'
      ? readCredentials(
          post(text, { authorization: `Basic ${encode(text).replaceAll('-', '+').replaceAll('_', '/')}` }),
          form.right
        )
      : null
  },
  'a token to be looked at': (text) => {
    const form = readForm(`token=${text.replaceAll('&', '.')}`)
    return form._tag === 'Right' ? presentedTokenOf(form.right) : null
  }
}

const jsonReaders: Readonly<Record<string, (text: string) => unknown>> = {
  parseJson,
  hasUniqueNames,
  holdsNullText,
  withNumbersAsTexts,
  'numbers there and back': (text) => withTextsAsNumbers(withNumbersAsTexts(text)),
  isJsonValue: (text) => isJsonValue(JSON.parse(text)),
  isNestedWithin: (text) => isNestedWithin(100, JSON.parse(text)),
  sizeWithin: (text) => sizeWithin(1_000_000, JSON.parse(text)),
  'a registration': (text) =>
    readRegistration({ ...post(text), headers: { 'content-type': 'application/json' } }, { allowLoopback: false }),
  'what replaces a registration': (text) =>
    readReplacement({ ...post(text), headers: { 'content-type': 'application/json' } }, 'a', { allowLoopback: false }),
  'a client assertion': (text) =>
    readAssertion(`${encode('{"alg":"ES384","kid":"a"}')}.${encode(text)}.${'a'.repeat(86)}`),
  'the answer of a token endpoint': (text) =>
    readTokenResponse(
      { status: 200, headers: {}, body: `{"access_token":"a","token_type":"Bearer",${text.slice(1)}` },
      { fhirBaseUrl: 'https://ehr.example/fhir', extensions: ['a'] } as never
    ),
  'a document of a server': (text) => readDocument('https://ehr.example', { status: 200, headers: {}, body: text }),
  'a SMART configuration': (text) => checkSmartConfiguration(JSON.parse(text), { release: '2.2.0' } as never),
  'a stored grant': (text) => GrantCodec.is({ _tag: 'Active', ...(JSON.parse(text) as object) })
}

const registration = (size: number, member: string, one: (place: number) => string): string =>
  JSON.stringify({
    redirect_uris: ['https://app.example/cb'],
    token_endpoint_auth_method: 'none',
    [member]: times(size, one)
  })

const key = (place: number) => ({
  kty: 'EC',
  crv: 'P-384',
  kid: word(place),
  x: 'x'.repeat(64),
  y: 'y'.repeat(64),
  use: 'sig'
})

/** What reads messages. */
export const messageRows: ReadonlyArray<LinearRow> = [
  ...Object.entries(readers).flatMap(([name, read]) => rowsOf(name, forms, read)),
  ...Object.entries(jsonReaders).flatMap(([name, read]) => rowsOf(name, documents, read)),
  ...['redirect_uris', 'launch_uris', 'contacts'].map((member): LinearRow => ({
    name: `a registration with many ${member}`,
    of: (size) => {
      const body = registration(size, member, (place) => `https://app.example/${word(place)}`)
      return () =>
        readRegistration({ ...post(body), headers: { 'content-type': 'application/json' } }, { allowLoopback: false })
    }
  })),
  {
    name: 'a set of keys',
    size: 45,
    of: (size) => {
      const set = { keys: times(size, key) }
      return () => {
        const keys = readJwks(set) ?? []
        return [keptKeys(keys), chooseKey(keys, word(size - 1), 'ES384')]
      }
    }
  },
  {
    name: 'a launch context with many entries',
    of: (size) => {
      const context = { fhirContext: times(size, (place) => ({ reference: `Observation/${word(place)}` })) }
      return () => checkContext('2.2.0', context)
    }
  },
  {
    name: 'the origins of a client',
    of: (size) => {
      const client = {
        applicationType: 'web' as const,
        redirectUris: times(size, (place) => `https://a${word(place)}.example/cb`),
        launchUris: []
      }
      return () => originsOf(client)
    }
  },
  {
    name: 'the parameters of an answer at a redirect URI',
    of: (size) => {
      const [registered, arrived] = ['', '&code=1'].map(
        (more) => `https://app.example/cb?${list(size, (place) => `p${word(place)}=1`, '&')}${more}`
      )
      return () => isResponseAt(registered ?? '', arrived ?? '')
    }
  },
  {
    name: 'many values of one parameter at a redirect URI',
    of: (size) => {
      const [registered, arrived] = ['', '&code=1'].map(
        (more) => `https://app.example/cb?${list(size, (place) => `p=${word(place)}`, '&')}${more}`
      )
      return () => isResponseAt(registered ?? '', arrived ?? '')
    }
  },
  {
    name: 'a list of trusted servers',
    of: (size) => {
      const servers = times(size, (place) => ({
        fhirBaseUrl: `https://ehr.example/${word(place)}`,
        clientId: 'a',
        authentication: [],
        redirectUri: 'https://app.example/cb'
      }))
      return () => trustList(servers)('https://ehr.example/none')
    }
  },
  {
    name: 'base64url',
    of: (size) => {
      const text = encode('a'.repeat(10 * size))
      return () => [decode(text), isBase64url(text), encode(text)]
    }
  },
  {
    name: 'an access token with a narrowed scope, and a text that is nearly one',
    of: (size) => {
      const text = `g.a.0.1.2.${encode('patient/*.rs '.repeat(size))}.k`
      return () => [readAccessToken(`${text}.mac`), readAccessToken(text), readRefreshToken(text)]
    }
  },
  {
    name: 'an address with many parameters',
    of: (size) => {
      const pairs = times(size, (place) => [word(place), word(place)] as const)
      return () => [withParameters('https://app.example/cb', pairs), below('https://app.example', 'a'.repeat(size))]
    }
  }
]
