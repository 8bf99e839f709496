/** The client-registration machine: its table is true, and nobody but the holder of the token changes anything. */
import { describe, expect, it } from 'vitest'
import type { Invariant } from './explorer.js'
import { complaintsAbout, explore } from './explorer.js'
import type { RegistrationCommand, RegistrationEvent } from '../../src/protocol/registration/registration.js'
import { clientRegistrationMachine } from '../../src/protocol/registration/registration.js'
import type { CheckedMetadata } from '../../src/protocol/client/metadata.js'
import type { StoredClient } from '../../src/protocol/client/stored-client.js'

const metadata: CheckedMetadata = {
  clientName: 'New App',
  redirectUris: ['https://new.example/cb'],
  launchUris: [],
  scope: 'patient/*.rs',
  grantTypes: ['authorization_code'],
  tokenEndpointAuthMethod: 'none',
  applicationType: 'web',
  keys: null
}
const start: StoredClient = {
  _tag: 'Registered',
  clientId: 'new',
  writeId: 'x',
  recordExpiresAt: 9000,
  issuedAt: 0,
  hasInitialAccessToken: false,
  ...metadata,
  secrets: [],
  managementDigest: 'mine'
}

const base = { now: 100, writeId: 'a' }
const samples: ReadonlyArray<RegistrationEvent> = ['mine', 'other'].flatMap(
  (managementDigest): ReadonlyArray<RegistrationEvent> => [
    { _tag: 'RegistrationRead', ...base, managementDigest },
    { _tag: 'RemovalRequested', ...base, managementDigest },
    ...(['none', 'client_secret_basic', 'private_key_jwt'] as const).flatMap((tokenEndpointAuthMethod) =>
      [null, 's1', 'wrong'].map((presentedSecretDigest): RegistrationEvent => ({
        _tag: 'MetadataReplaced',
        ...base,
        managementDigest,
        metadata: { ...metadata, tokenEndpointAuthMethod },
        scope: 'patient/*.r',
        secretDigest: 's1',
        presentedSecretDigest
      }))
    ),
    { _tag: 'SecretRotated', ...base, secretDigest: 's2', overlapSeconds: 60 },
    { _tag: 'SecretRotated', ...base, now: 200, secretDigest: 's3', overlapSeconds: 0 }
  ]
)

type Holds = Invariant<StoredClient, RegistrationEvent, RegistrationCommand>

const strangersChangeNothing: Holds = ({ from, event, step: { state, command } }) =>
  'managementDigest' in event && event.managementDigest === 'other' && (state !== from || command?._tag !== 'Refuse')
    ? event._tag
    : null

const whatIsRemovedStays: Holds = ({ from, step: { state } }) =>
  from._tag === 'Removed' && state !== from ? state._tag : null

const secretsFitTheMethod: Holds = ({ step: { state } }) =>
  state._tag === 'Registered' && state.tokenEndpointAuthMethod.startsWith('client_secret') !== state.secrets.length > 0
    ? state.tokenEndpointAuthMethod
    : null

const namesNeverChange: Holds = ({ from, step: { state } }) =>
  state.clientId !== from.clientId ||
  (state._tag === 'Registered' &&
    from._tag === 'Registered' &&
    (state.managementDigest !== from.managementDigest || state.issuedAt !== from.issuedAt))
    ? state.clientId
    : null

const aSecretIsShownWhereItIsMade: Holds = ({ from, step: { state, command } }) => {
  const made =
    state._tag === 'Registered' &&
    from._tag === 'Registered' &&
    state.secrets.some(({ digest }) => !from.secrets.some((old) => old.digest === digest))
  return command?._tag === 'ShowRegistration' && command.withSecret && !made && state === from ? 'shown again' : null
}

describe('the client-registration machine', () => {
  it('reaches every state, walks every declared arrow and no other, and breaks no invariant', () => {
    const explored = explore<StoredClient, RegistrationEvent, RegistrationCommand>({
      machine: clientRegistrationMachine,
      starts: [start],
      samples: () => samples,
      depth: 5,
      shape: (state) => ({ ...state, writeId: '' }),
      invariants: {
        'unauthorized parties change nothing and see nothing': strangersChangeNothing,
        'what is removed stays removed': whatIsRemovedStays,
        'there is a secret exactly where the method needs one': secretsFitTheMethod,
        'the id, the token and the birth of a client never change': namesNeverChange,
        'a secret is shown with the step that makes it': aSecretIsShownWhereItIsMade
      }
    })
    console.log(
      `client-registration: ${String(explored.distinctStates)} distinct states, ` +
        `${String(explored.steps.length)} steps walked`
    )
    expect(complaintsAbout(clientRegistrationMachine, explored)).toEqual([])
  })
})
