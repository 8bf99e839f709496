import { describe, expect, it } from 'vitest'
import type { Refusal } from '../../../src/protocol/errors/refusal.js'
import { refusalJson, refusalTable } from '../../../src/protocol/errors/refusal-table.js'

/** Refusals that a peer must not tell apart: bytes, status and headers. */
const classes: ReadonlyArray<readonly [string, ReadonlyArray<Refusal>]> = [
  [
    'client authentication',
    [
      { _tag: 'AuthenticatingClientUnknown' },
      { _tag: 'ClientSecretDiffers' },
      { _tag: 'AuthenticationMethodDiffers', registered: 'none' },
      { _tag: 'CredentialsUnreadable' }
    ]
  ],
  [
    'codes',
    [
      { _tag: 'CodeUnknown' },
      { _tag: 'CodeOfAnotherClient' },
      { _tag: 'CodeVerifierDiffers' },
      { _tag: 'RedirectUriDiffers' },
      { _tag: 'CodeExpired' },
      { _tag: 'CodeReplayed' }
    ]
  ],
  [
    'refresh tokens',
    [
      { _tag: 'RefreshTokenUnknown' },
      { _tag: 'RefreshTokenOfAnotherClient' },
      { _tag: 'RefreshTokenReused' },
      { _tag: 'RefreshTokenAhead' },
      { _tag: 'RefreshTokenExpired' }
    ]
  ],
  ['access tokens', [{ _tag: 'AccessTokenUnknown' }, { _tag: 'AccessTokenExpired' }, { _tag: 'AccessTokenRevoked' }]],
  [
    'launch handles',
    [
      { _tag: 'LaunchUnknown' },
      { _tag: 'LaunchOfAnotherClient' },
      { _tag: 'LaunchExpired' },
      { _tag: 'LaunchAlreadyUsed' }
    ]
  ],
  [
    'clients and redirect URIs',
    [
      { _tag: 'ClientUnknown', clientId: 'x' },
      { _tag: 'RedirectUriNotRegistered', redirectUri: 'https://evil.example' }
    ]
  ]
]

describe('what a peer sees of a refusal', () => {
  it.each(classes)('is the same for all of: %s', (_name, refusals) => {
    const answers = refusals.map((refusal) => JSON.stringify(refusalJson(refusal)))
    expect(new Set(answers).size).toBe(1)
  })

  it.each(Object.entries(refusalTable))('%s: characters that RFC 6749 allows, and a place to be shown', (_tag, row) => {
    expect(row.description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
    expect(row.shown.length).toBeGreaterThan(0)
    expect(row.status).toBeGreaterThanOrEqual(400)
  })

  it('never holds what the refusal carries for the log', () => {
    expect(refusalJson({ _tag: 'AudienceNotServed', audience: 'https://canary.example' }).body).not.toContain('canary')
  })
})
