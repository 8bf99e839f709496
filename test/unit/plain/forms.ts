/**
 * One authorization server and one gate in both forms, in worlds that are alike: same clock, random values and keys.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import {
  clients,
  everything,
  fhirBaseUrl,
  issuer,
  newFixture,
  sha256,
  synchronousKeys
} from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import { memoryStore } from '../../../src/adapters/stores/memory-store.js'
import { fhirGate } from '../../../src/engine/resource/fhir-gate.js'
import type { AuditEvent, Ports } from '../../../src/engine/ports.js'
import { createFhirGate } from '../../../src/plain/gate.js'
import { createMemoryStore } from '../../../src/plain/memory.js'
import type { PlainKeys, ServerPorts } from '../../../src/plain/ports.js'
import type { Result } from '../../../src/plain/result.js'
import { resultOf } from '../../../src/plain/result.js'
import type { SmartServer } from '../../../src/plain/server.js'
import { createAuthorizationServer } from '../../../src/plain/server.js'
import type { AccessFacts } from '../../../src/protocol/access/alternatives.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import { format } from '../../../src/scopes/format.js'
import { parse } from '../../../src/scopes/parse.js'

/** A server and a gate, in either form, with what they recorded. */
export interface Form {
  readonly server: Omit<SmartServer, 'facts' | 'policy'>
  readonly gate: (request: PlainRequest, facts: AccessFacts) => Promise<PlainResponse>
  readonly audited: ReadonlyArray<AuditEvent>
}

/** Which call of which function of a port fails; null when none does. */
export interface Fault {
  readonly name: string
  readonly place: number
}

/** Counts the calls of the functions of ports, and says when one must fail. */
const failingAt = (fault: Fault | null) => {
  const counts = new Map<string, number>()
  return (name: string): void => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    if (fault?.name === name && count >= fault.place) throw new Error('boom')
  }
}

const settings = {
  issuer,
  fhirBaseUrl,
  features: { onlineAccess: true, introspection: true, revocation: true },
  registration: { mode: 'open' as const, scope: everything }
}

const patient = { status: 200, headers: {}, body: '{"resourceType":"Patient","id":"123"}' }

const drawing = () => {
  let generated = 0
  return () => sha256(`random ${String(generated++)}`)
}

const unwrapped = <Value>(either: Either.Either<{ readonly reason: string }, Value>): Value => {
  if (Either.isLeft(either)) throw new Error(either.left.reason)
  return either.right
}

/** What a planted fault of the conversion changes. */
export type Planted = Partial<Pick<ServerPorts, 'permittedScopes' | 'store' | 'isOnline'>>

/** The plain form. */
export const plainForm = (fault: Fault | null, planted: Planted = {}): Form => {
  const reach = failingAt(fault)
  const audited: Array<AuditEvent> = []
  const store = createMemoryStore({ clock: () => 1000 })
  const keys: PlainKeys = {
    digest: (text) => {
      reach('digest')
      return synchronousKeys.digest(text)()
    },
    mac: async (covered) => {
      reach('mac')
      return unwrapped(await synchronousKeys.mac(covered)())
    },
    verifyMac: async (...given) => {
      reach('verifyMac')
      return unwrapped(await synchronousKeys.verifyMac(...given)())
    },
    signIdToken: async (claims) => {
      reach('signIdToken')
      return unwrapped(await synchronousKeys.signIdToken(claims)())
    },
    signAccessToken: async (claims) => {
      reach('signAccessToken')
      return unwrapped(await synchronousKeys.signAccessToken(claims)())
    },
    verifyAccessToken: async (token) => {
      reach('verifyAccessToken')
      return Option.toNullable(unwrapped(await synchronousKeys.verifyAccessToken(token)()))
    },
    verifyAssertion: async (...given) => {
      reach('verifyAssertion')
      return unwrapped(await synchronousKeys.verifyAssertion(...given)())
    },
    publicKeys: async () => {
      reach('publicKeys')
      return unwrapped(await synchronousKeys.publicKeys())
    }
  }
  const random = drawing()
  const server = createAuthorizationServer({
    ...settings,
    store: {
      load: async (key) => {
        reach('load')
        return store.load(key)
      },
      swap: (...given) => {
        reach('swap')
        return store.swap(...given)
      }
    },
    clients: {
      find: (clientId) => {
        reach('find')
        const found = clients.find((client) => client.clientId === clientId)
        return found === undefined ? null : { ...found, scope: format(found.scope) }
      },
      isRegisteredOrigin: (origin) => {
        reach('isRegisteredOrigin')
        return origin === 'https://app.example'
      }
    },
    permittedScopes: (_user, _client, requested) => {
      reach('permittedScopes')
      return requested
    },
    isOnline: () => {
      reach('isOnline')
      return true
    },
    clock: () => {
      reach('clock')
      return 1000
    },
    random: () => {
      reach('random')
      return random()
    },
    keys,
    clientKeys: () => {
      reach('keysAt')
      throw new Error('no key set URL is fetched here')
    },
    audit: (event) => {
      audited.push(event)
    },
    ...planted
  })
  const gate = createFhirGate({
    base: fhirBaseUrl,
    server: () => {
      reach('fhir')
      return patient
    }
  })
  return { server, gate, audited }
}

/** The fp-ts form, with its results written as plain results. */
export const fpTsForm = (fault: Fault | null): Form => {
  const reach = failingAt(fault)
  const random = drawing()
  const memory = memoryStore({ now: () => 1000 })
  const origins = memoryClients(clients)
  type Failure = { readonly _tag: 'Unavailable'; readonly reason: string; readonly applied: 'unknown' }
  /** The work, or the failure of the port. */
  const or =
    <Failed, Value>(
      name: string,
      work: () => TaskEither.TaskEither<Failed, Value>
    ): TaskEither.TaskEither<Failed | Failure, Value> =>
    async () => {
      try {
        reach(name)
      } catch {
        return Either.left({ _tag: 'Unavailable', reason: 'boom', applied: 'unknown' })
      }
      return work()()
    }
  const ports: Ports = {
    store: {
      load: (key) => or('load', () => memory.load(key)),
      swap: (...given) => or('swap', () => memory.swap(...given))
    },
    clients: {
      find: (clientId) => or('find', () => origins.find(clientId)),
      isRegisteredOrigin: (origin) => or('isRegisteredOrigin', () => origins.isRegisteredOrigin(origin))
    },
    accessPolicy: {
      permittedScopes: (_user, _client, requested) =>
        or('permittedScopes', () => TaskEither.right(parse(format(requested))))
    },
    users: { isOnline: () => or('isOnline', () => TaskEither.right(true)) },
    clientKeys: {
      keysAt: () =>
        or('keysAt', () => TaskEither.left({ _tag: 'Unavailable' as const, reason: 'no key set URL is fetched here' }))
    },
    clock: {
      now: () => {
        reach('clock')
        return 1000
      }
    },
    random: {
      token: () => {
        reach('random')
        return random()
      }
    },
    keys: {
      digest: (text) => () => {
        reach('digest')
        return synchronousKeys.digest(text)()
      },
      mac: (covered) => or('mac', () => synchronousKeys.mac(covered)),
      verifyMac: (...given) => or('verifyMac', () => synchronousKeys.verifyMac(...given)),
      signIdToken: (claims) => or('signIdToken', () => synchronousKeys.signIdToken(claims)),
      signAccessToken: (claims) => or('signAccessToken', () => synchronousKeys.signAccessToken(claims)),
      verifyAccessToken: (token) => or('verifyAccessToken', () => synchronousKeys.verifyAccessToken(token)),
      verifyAssertion: (...given) => or('verifyAssertion', () => synchronousKeys.verifyAssertion(...given)),
      publicKeys: or('publicKeys', () => synchronousKeys.publicKeys)
    },
    audit: { record: (event) => () => audited.push(event) }
  }
  const audited: Array<AuditEvent> = []
  const { server } = newFixture({ settings, ports })
  const plainly = async <Failed, Value>(work: TaskEither.TaskEither<Failed, Value>): Promise<Result<Value, Failed>> =>
    resultOf(await work())
  return {
    audited,
    gate: (request, facts) =>
      fhirGate(
        {
          base: fhirBaseUrl,
          policy: defaultPolicy,
          server: { answer: () => or('fhir', () => TaskEither.right(patient)) }
        },
        facts
      )(request)(),
    server: {
      endpoints: {
        authorize: (request) => server.endpoints.authorize(request)(),
        token: (request) => server.endpoints.token(request)(),
        protocol: (request) => {
          const answer = server.endpoints.protocol(request)
          return Option.isNone(answer) ? null : answer.value()
        },
        share: (sharing, methods, answer) => (request) =>
          server.endpoints.share(sharing, methods, (one) => async () => answer(one))(request)()
      },
      interaction: {
        resume: (interaction) => server.interaction.resume(interaction)(),
        userSignedIn: (interaction, user) => server.interaction.userSignedIn(interaction, user)(),
        contextChosen: (interaction, context) => server.interaction.contextChosen(interaction, context)(),
        contextUnavailable: (interaction, chosen) => server.interaction.contextUnavailable(interaction, chosen)(),
        pageNeeded: (interaction) => server.interaction.pageNeeded(interaction)(),
        consentGiven: (interaction, approved) =>
          server.interaction.consentGiven(interaction, typeof approved === 'string' ? parse(approved) : approved)(),
        userDenied: (interaction) => server.interaction.userDenied(interaction)()
      },
      ehr: {
        offerLaunch: (offer) => plainly(server.ehr.offerLaunch(offer)),
        launchUrl: (launchUri, handle) =>
          `${launchUri}?iss=${encodeURIComponent(fhirBaseUrl)}&launch=${encodeURIComponent(handle)}`
      },
      resource: { bearer: (request) => plainly(server.resource.bearer(request)) },
      admin: {
        revokeGrant: (grantId) => plainly(server.admin.revokeGrant(grantId)),
        client: async (clientId) => {
          const found = await server.admin.client(clientId)()
          return Either.isLeft(found)
            ? { ok: false, failure: found.left }
            : { ok: true, value: Option.toNullable(found.right) }
        },
        rotateSecret: (clientId, overlapSeconds) => plainly(server.admin.rotateSecret(clientId, overlapSeconds))
      }
    }
  }
}
