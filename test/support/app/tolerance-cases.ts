/** For each tolerance a launch that fails without it, and the value with which it opens. */
import type { Deviation } from './vendor-server.js'
import { ordinaryEntry } from './vendor-server.js'
import type { ServerTolerances, ToleranceName } from '../../../src/protocol/app/trust/tolerances.js'
import type { TrustedServer } from '../../../src/protocol/app/trusted-server.js'
import { json } from '../../../src/protocol/http/message.js'

/** A deviation of a server, and what of it is tolerated. */
export interface ToleranceCase {
  readonly deviation: Deviation
  readonly value: ServerTolerances[ToleranceName]
  readonly entry?: Partial<TrustedServer>
}

const issuer = 'https://ehr.example'
const redirected: Deviation = {
  respond: ({ url }) =>
    url === `${ordinaryEntry.fhirBaseUrl}/.well-known/smart-configuration`
      ? json(301, {}, { location: '/fhir/r4/.well-known/smart-configuration' })
      : url.endsWith('/r4/.well-known/smart-configuration')
        ? json(200, {
            issuer,
            jwks_uri: `${issuer}/keys`,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            code_challenge_methods_supported: ['S256']
          })
        : undefined
}

/** The cases of launches. `filesElsewhere` is about a backend service. */
export const toleranceCases: Readonly<Record<Exclude<ToleranceName, 'filesElsewhere'>, ReadonlyArray<ToleranceCase>>> =
  {
    textBooleans: [
      {
        deviation: { token: { need_patient_banner: 'true' } },
        value: true,
        entry: { tolerances: { textBooleans: false } }
      }
    ],
    textNumbers: [
      { deviation: { claims: { exp: '1000300' } }, value: true },
      { deviation: { claims: { iat: '1000000' } }, value: true }
    ],
    numericTexts: [
      { deviation: { token: { patient: 123 } }, value: true },
      { deviation: { token: { encounter: 7 } }, value: true }
    ],
    pkceNotListed: [
      { deviation: { smart: { code_challenge_methods_supported: undefined } }, value: true },
      { deviation: { smart: { code_challenge_methods_supported: [] } }, value: true }
    ],
    issuerAliases: [
      { deviation: { claims: { iss: `${issuer}/alias` } }, value: [`${issuer}/alias`] },
      { deviation: { redirect: `&iss=${issuer}/alias` }, value: [`${issuer}/alias`] },
      { deviation: { openid: { issuer: `${issuer}/alias` } }, value: [`${issuer}/alias`] }
    ],
    documentIssuerDiffers: [
      { deviation: { openid: { issuer: `${issuer}/other` } }, value: true },
      {
        deviation: { smart: { issuer: `${issuer}/other` }, openid: { issuer }, claims: { iss: issuer } },
        value: true,
        entry: { issuer }
      }
    ],
    keysOfSmartConfiguration: [
      { deviation: { openid: null }, value: true },
      {
        deviation: {
          respond: ({ url }) =>
            url.endsWith('openid-configuration')
              ? { status: 200, headers: {}, body: '<html>sign in</html>' }
              : undefined
        },
        value: true
      },
      { deviation: { respond: ({ url }) => (url.endsWith('openid-configuration') ? null : undefined) }, value: true }
    ],
    rawBasicCredentials: [{ deviation: { comparesRawSecret: true }, value: true }],
    authenticationNotListed: [
      { deviation: { smart: { token_endpoint_auth_methods_supported: ['private_key_jwt'] } }, value: true }
    ],
    trustedAudiences: [
      {
        deviation: { claims: { aud: ['app', 'https://identity.example'] } },
        value: ['https://identity.example']
      }
    ],
    nonceNotEchoed: [{ deviation: { claims: { nonce: undefined } }, value: true }],
    discoveryRedirects: [{ deviation: redirected, value: true }],
    tlsInsteadOfSignature: [
      { deviation: { respond: ({ url }) => (url.endsWith('/keys') ? null : undefined) }, value: true },
      {
        deviation: { respond: ({ url }) => (url.endsWith('/keys') ? json(200, { keys: [] }) : undefined) },
        value: true
      },
      { deviation: { smart: { jwks_uri: undefined }, openid: { jwks_uri: undefined } }, value: true }
    ]
  }

/** Every tolerance, with names that none of the cases uses. */
export const everyTolerance: Required<ServerTolerances> = {
  textBooleans: true,
  textNumbers: true,
  numericTexts: true,
  pkceNotListed: true,
  issuerAliases: ['https://alias.example'],
  documentIssuerDiffers: true,
  keysOfSmartConfiguration: true,
  rawBasicCredentials: true,
  authenticationNotListed: true,
  trustedAudiences: ['https://audience.example'],
  nonceNotEchoed: true,
  discoveryRedirects: true,
  filesElsewhere: ['https://files.example/export'],
  tlsInsteadOfSignature: true
}
