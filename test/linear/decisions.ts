import * as Either from 'fp-ts/lib/Either.js'
import { list, word } from './inputs.js'
import type { LinearRow } from './row.js'
import { backendScopes } from '../../src/protocol/scope-policy/backend-scopes.js'
import { acceptedRequest } from '../../src/protocol/authorization/rules.js'
import { firstRefusal } from '../../src/protocol/machine/rules.js'
import { builtInSide } from '../../src/protocol/scope-policy/resource-side-check.js'
import { openingOnly } from '../../src/protocol/scope-policy/usable-scopes.js'
import type { ScopeOffer } from '../../src/protocol/scope-policy/scope-policy.js'
import {
  withinContext,
  grantableScopes,
  withinRegistration,
  inOneVersion,
  mixesVersions,
  registeredAmong
} from '../../src/protocol/scope-policy/scope-policy.js'
import { parsedScope } from '../../src/protocol/scope-policy/parsed-scope.js'
import { requestedScopes, scopeRules } from '../../src/protocol/scope-policy/scope-rules.js'
import { readAuthorizationRequest } from '../../src/protocol/authorization/request.js'
import type { RegisteredClient } from '../../src/protocol/client/client.js'
import { defaultFeatures } from '../../src/protocol/discovery/features.js'
import { defaultPolicy } from '../../src/protocol/policy/policy.js'
import type { SmartPolicy } from '../../src/protocol/policy/policy.js'
import { narrowed } from '../../src/scopes/set-operations.js'
import { format } from '../../src/scopes/format.js'
import { parse } from '../../src/scopes/parse.js'
import type { ScopeSet } from '../../src/scopes/scope.js'

/** Scopes that an app asks for. */
const requestedNow: Readonly<Record<string, (size: number) => string>> = {
  'scopes of types': (size) => list(size, (place) => `patient/T${word(place)}.rs`),
  'scopes with a code': (size) => list(size, (place) => `patient/Observation.rs?code=${word(place)}`),
  'scopes with a name': (size) => list(size, (place) => `patient/Patient.rs?name=${word(place)}`),
  'one scope with many names': (size) => `patient/Patient.rs?name=${list(size, word, ',')}`,
  'scopes of both versions': (size) =>
    list(size, (place) => `patient/T${word(place)}.${place % 2 === 0 ? 'rs' : 'read'}`),
  'unknown names': (size) => list(size, (place) => `x${word(place)}`),
  'malformed scopes': (size) => list(size, (place) => `patient/${word(place)}`),
  'one scope again and again': (size) => list(size, () => 'patient/Observation.rs')
}

const strict: SmartPolicy = {
  ...defaultPolicy,
  unknownScope: 'reject',
  malformedScope: 'reject',
  mixedScopeVersions: 'reject',
  wildcardWithQuery: 'reject'
}
const offer: ScopeOffer = { ...defaultFeatures, defaultScope: [], side: builtInSide }

const client = (scope: string): RegisteredClient => ({
  clientId: 'a',
  clientName: 'A',
  redirectUris: ['https://app.example/cb'],
  launchUris: [],
  scope: parse(scope),
  grantTypes: ['authorization_code', 'refresh_token'],
  tokenEndpointAuthMethod: 'none',
  secretDigests: [],
  applicationType: 'web'
})

/** What a client may be registered for beside those scopes. */
const registrations: Readonly<Record<string, (text: string) => string>> = {
  'registered for everything': () => 'patient/*.cruds user/*.cruds',
  'registered for the same': (text) => text,
  'registered for half': (text) =>
    text
      .split(' ')
      .filter((_scope, place) => place % 2 === 0)
      .join(' ')
}

/** The scopes that a request asks for. */
const scopesIn = (text: string): ScopeSet => {
  const requested = requestedScopes(defaultPolicy, text)
  return Either.isRight(requested) ? requested.right : []
}

const decisions: Readonly<Record<string, (text: string, registered: RegisteredClient) => unknown>> = {
  'what may be granted': (text, registered) => grantableScopes(defaultPolicy, offer, registered, true, scopesIn(text)),
  'what is registered': (text, registered) => registeredAmong(strict, offer, registered, parse(text)),
  'the rules about scopes': (text, registered) =>
    firstRefusal(scopeRules, {
      policy: strict,
      scopes: scopesIn(text),
      effectiveOf: (scopes) => registeredAmong(strict, offer, registered, scopes),
      openingOf: (scopes) => openingOnly(builtInSide, scopes)
    }),
  'the rules of an authorization request': (text, registered) =>
    acceptedRequest({
      client: registered,
      policy: strict,
      offer,
      fhirBaseUrl: 'https://ehr.example/fhir',
      repeatedParameter: null,
      misplacedParameter: null,
      request: readAuthorizationRequest(
        new Map(
          Object.entries({
            response_type: ['code'],
            state: ['s'],
            scope: [text],
            redirect_uri: ['https://app.example/cb']
          })
        )
      )
    }),
  'what a user approved': (text, registered) => narrowed(parse(text), registered.scope),
  'what is held of a grant': (text, registered) =>
    withinRegistration(defaultPolicy, builtInSide, { scope: parsedScope(text), context: {} }, registered.scope),
  'what a backend service is granted': (text, registered) =>
    backendScopes(
      {
        policy: strict,
        scopeVersions: ['v1', 'v2'],
        side: builtInSide,
        client: { ...registered, scope: parse(format(registered.scope).replaceAll('patient/', 'system/')) }
      },
      text.replaceAll('patient/', 'system/')
    ),
  'scopes in one version, and about a user': (text) => {
    const scopes = parse(text)
    return [mixesVersions(scopes), inOneVersion(defaultPolicy, scopes), withinContext(builtInSide, scopes, {})]
  }
}

/** One scope of many clauses, each on an element that can hold a value for each of them. */
export const scopesOfClauses: Readonly<Record<string, (size: number) => string>> = {
  codes: (size) => `user/Observation.rs?${list(size, (place) => `code=${word(place)}`, '&')}`,
  quantities: (size) => `user/Observation.rs?${list(size, (place) => `combo-value-quantity=${String(place)}`, '&')}`,
  'tags of a wildcard': (size) => `patient/*.rs?${list(size, (place) => `_tag=${word(place)}`, '&')}`,
  'profiles of a wildcard': (size) => `user/*.rs?${list(size, (place) => `_profile=http://p/${word(place)}`, '&')}`,
  performers: (size) => `patient/Observation.rs?${list(size, (place) => `performer=Practitioner/${word(place)}`, '&')}`,
  recipients: (size) => `patient/Communication.rs?${list(size, (place) => `recipient=Patient/${word(place)}`, '&')}`,
  actors: (size) => `patient/Appointment.rs?${list(size, (place) => `actor=Patient/${word(place)}`, '&')}`,
  'tags, and two ids': (size) => `patient/*.rs?${list(size, (place) => `_tag=${word(place)}`, '&')}&_id=a&_id=b`,
  'performers, and two subjects': (size) =>
    `patient/Observation.rs?${list(size, (place) => `performer=Practitioner/${word(place)}`, '&')}` +
    '&subject=Patient/a&subject=Patient/b'
}

/** Whether a scope gives access to something; without a budget. */
const openingRows = Object.entries(scopesOfClauses).map(([name, textOf]): LinearRow => ({
  name: `whether something opens by a scope of many clauses: ${name}`,
  size: 800,
  of: (size) => {
    const scopes = parse(textOf(size))
    return () => openingOnly(builtInSide, scopes)
  }
}))

/** What decides about scopes. */
export const decisionRows: ReadonlyArray<LinearRow> = Object.entries(decisions)
  .flatMap(([name, decide]) =>
    Object.entries(registrations).flatMap(([registration, registeredOf]) =>
      Object.entries(requestedNow).map(([shape, textOf]): LinearRow => ({
        name: `${name}, ${registration}: ${shape}`,
        of: (size) => {
          const text = textOf(size)
          const registered = client(registeredOf(text))
          return () => decide(text, registered)
        }
      }))
    )
  )
  .concat(openingRows)
