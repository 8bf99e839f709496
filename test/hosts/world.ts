/** A host in which nothing is left to chance: a clock that stands still, random numbers that count, and fixed keys. */
import type { CookieOf } from './frameworks.js'
import { redirectUri, sha256, synchronousKeys } from '../support/server-fixture.js'
import type { SmartHost } from '../../src/host/smart-host.js'
import { smartHost } from '../../src/host/smart-host.js'
import { plainKeys } from '../../src/plain/engine-ports.js'
import { createMemoryStore } from '../../src/plain/memory.js'

/** The public address of the host, without a path. */
export const origin = 'https://ehr.example'

/** Where the host is: its public path, and the part of it that a proxy removes. */
export interface Place {
  readonly path: string
  readonly removes?: string
}

const scope = 'launch launch/patient openid fhirUser offline_access patient/*.rs user/*.rs'

const app = { redirectUris: [redirectUri], launchUris: ['https://app.example/launch'], scope }

const resource = (path: string): object =>
  path === '/metadata'
    ? { resourceType: 'CapabilityStatement', status: 'active', fhirVersion: '4.0.1', rest: [{ mode: 'server' }] }
    : { resourceType: 'Patient', id: path.slice('/Patient/'.length) }

/** A new host in its first second. */
export const worldHost = <R>(cookieOf: CookieOf<R>, { path, removes }: Place): SmartHost<R> => {
  let generated = 0
  return smartHost<R>({
    issuer: `${origin}${path}`,
    fhirBaseUrl: `${origin}${path}/fhir`,
    store: createMemoryStore({ clock: () => 1000 }),
    clients: [
      { clientId: 'pub-app', clientName: '<b>Pub & App</b>', tokenEndpointAuthMethod: 'none', ...app },
      {
        clientId: 'sym-app',
        tokenEndpointAuthMethod: 'client_secret_basic',
        secretDigests: [sha256('s3cret:%')],
        ...app
      }
    ],
    permittedScopes: (_user, _client, requested) => requested,
    clock: () => 1000,
    random: () => sha256(`random ${String(generated++)}`),
    keys: plainKeys(synchronousKeys),
    audit: () => undefined,
    user: (own) =>
      cookieOf(own).includes('session=alice')
        ? { sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 1000, sessionId: 's1' }
        : null,
    signIn: '/sign-in',
    patients: () => [
      { id: 'a', name: 'Ann' },
      { id: 'b', name: 'Ben' }
    ],
    fhir: (request) => ({
      status: 200,
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify(resource(request.path))
    }),
    ...(removes === undefined ? {} : { proxy: { removes } })
  })
}
