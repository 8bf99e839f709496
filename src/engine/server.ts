/**
 * The authorization server: everything that a host needs, over the ports that the host provides.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { authorize } from './authorize.js'
import { refusedBecause, tell, toldNow } from './audit.js'
import { bearer } from './bearer.js'
import type { Conversation, Interaction } from './conversation.js'
import { showRefusal } from './conversation.js'
import { consentGiven } from './consent.js'
import { contextChosen, contextUnavailable, pageNeeded, resume, userDenied, userSignedIn } from './decide.js'
import { answeredAnyway } from './host-answers.js'
import { introspection } from './introspection.js'
import type { LaunchOffer } from './launch.js'
import { offerLaunch } from './launch.js'
import type { Ports } from './ports.js'
import { manageRegistration, register, rotateSecret } from './registration.js'
import { revocation } from './revocation.js'
import type { ServerSettings, Workshop } from './settings.js'
import { identifierOf, workshopOf } from './settings.js'
import { withSharing } from './sharing.js'
import { token } from './token.js'
import { userinfo } from './userinfo.js'
import type { AccessFacts } from '../machines/access-alternatives.js'
import type { Sharing } from '../messages/cors.js'
import type { PlainRequest, PlainResponse } from '../messages/http.js'
import { publicJson } from '../messages/http.js'
import type { LaunchContext, SignedInUser } from '../messages/launch-context.js'
import type { SmartPolicy } from '../messages/policy.js'
import type { SettingsError } from '../messages/policy-check.js'
import type { Refusal } from '../messages/refusal.js'
import { refusalJson } from '../messages/refusal-table.js'
import type { ServerFacts } from '../messages/smart-configuration.js'
import {
  authorizationServerMetadata,
  openidConfiguration,
  smartConfiguration
} from '../messages/smart-configuration.js'
import type { ScopeSet } from '../scopes/scope.js'
import { below, pathOf, withoutTrailingSlash } from '../values/urls.js'

/**
 * An authorization server. Every member is a function that returns a lazy value: nothing happens until it is called.
 */
export interface AuthorizationServer {
  readonly facts: ServerFacts
  readonly policy: SmartPolicy
  /** The authorization endpoint, GET and POST. */
  readonly authorize: (request: PlainRequest) => Task.Task<Conversation>
  /**
   * What a conversation needs now: for a page that is loaded again. Here and below, `interaction.present` is who is
   * signed in in the browser from which the request comes, at that moment, and null when nobody is. Where that is not
   * the user of the conversation, or is left out, nothing of it is shown and nothing decided
   * (`InteractionOfAnotherUser`).
   */
  readonly resume: (interaction: Pick<Interaction, 'grantId' | 'browserSecret' | 'present'>) => Task.Task<Conversation>
  /** The host signed the user in: `user` is the present user from then on, whatever `interaction.present` says. */
  readonly userSignedIn: (interaction: Interaction, user: SignedInUser) => Task.Task<Conversation>
  /** The user chose among what the host offered. */
  readonly contextChosen: (interaction: Interaction, context: LaunchContext) => Task.Task<Conversation>
  /**
   * There is nothing that the user could choose for what is still open: see the switch `noPatientAvailable`. `chosen`
   * is what they did choose: a patient who has no encounter, or `{}`, which it is when left out.
   */
  readonly contextUnavailable: (interaction: Interaction, chosen?: LaunchContext) => Task.Task<Conversation>
  /** The app asked for no page (`prompt=none`), and one is needed: tells the app so. */
  readonly pageNeeded: (interaction: Interaction) => Task.Task<Conversation>
  /** The user agreed to these scopes. */
  readonly consentGiven: (interaction: Interaction, approved: ScopeSet) => Task.Task<Conversation>
  /** The user said no. */
  readonly userDenied: (interaction: Interaction) => Task.Task<Conversation>
  /** The token endpoint. */
  readonly token: (request: PlainRequest) => Task.Task<PlainResponse>
  /** Makes a launch handle for the EHR. */
  readonly offerLaunch: (offer: LaunchOffer) => TaskEither.TaskEither<Refusal, string>
  /**
   * Shares the host's own FHIR addresses with web pages (CORS): the data with registered apps, the metadata with
   * anyone.
   */
  readonly share: (sharing: Sharing, methods: string, answer: Answerer) => Answerer
  /** What the bearer of a request's access token may do. */
  readonly bearer: (request: PlainRequest) => TaskEither.TaskEither<Refusal, AccessFacts>
  /** Ends a grant: every code and token of it is dead from then on. An unknown grant is already dead. */
  readonly revokeGrant: (grantId: string) => TaskEither.TaskEither<Refusal, 'revoked'>
  /** The client of that id, whether the host registered it or it registered itself; or nothing. */
  readonly client: Ports['clients']['find']
  /** Gives a client that registered itself a new secret, shown once; the old one stays good for so many seconds. */
  readonly rotateSecret: (clientId: string, overlapSeconds: number) => TaskEither.TaskEither<Refusal, string>
  /** Whatever needs no page: discovery, keys, tokens. `none` when the address is another one. */
  readonly protocol: (request: PlainRequest) => Option.Option<Task.Task<PlainResponse>>
}

const documentMaxAgeSeconds = 300

const revokeGrant =
  ({ grants, ports }: Workshop) =>
  (grantId: string): TaskEither.TaskEither<Refusal, 'revoked'> =>
    pipe(
      Task.fromIO(() => ({ now: ports.clock.now(), attempt: identifierOf(ports.random.token()) })),
      Task.chain((occurrence) => grants.change(grantId, { _tag: 'RevocationAsked', ...occurrence })),
      Task.chain((change): TaskEither.TaskEither<Refusal, 'revoked'> =>
        Either.isLeft(change)
          ? // It may still take effect, so the log hears of it.
            tell(ports, refusedBecause(change.left, null, grantId), change)
          : tell(
              ports,
              { decision: 'GrantRevoked', clientId: null, grantId, refusal: null },
              Either.right('revoked' as const)
            )
      )
    )

type Answerer = (request: PlainRequest) => Task.Task<PlainResponse>

/**
 * An act of the server whose task never rejects: where a port failed that has no answer for its failure, that is the
 * refusal.
 */
const safely =
  <Answer>({ ports }: Workshop, refused: (refusal: Refusal) => Answer) =>
  <Given extends ReadonlyArray<unknown>>(act: (...given: Given) => Task.Task<Answer>) =>
  (...given: Given): Task.Task<Answer> =>
    answeredAnyway(
      () => act(...given),
      (reason) => {
        const refusal: Refusal = { _tag: 'HostUnavailable', reason }
        return toldNow(ports, refusedBecause(refusal), refused(refusal))
      }
    )

/** The addresses that need no page, by their path. */
const routesOf = (workshop: Workshop, answerToken: Answerer): ReadonlyMap<string, Answerer> => {
  const { facts, ports } = workshop
  const share = withSharing(ports)
  const publicly = (answer: Answerer): Answerer => share('anyone', 'GET, HEAD', answer)
  const read =
    (answer: Task.Task<PlainResponse>): Answerer =>
    ({ method }) =>
      method === 'GET' || method === 'HEAD'
        ? answer
        : Task.of(refusalJson({ _tag: 'MethodNotAllowed', allowed: 'GET, HEAD' }))
  const document = (body: unknown): Answerer => publicly(read(Task.of(publicJson(body, documentMaxAgeSeconds))))
  const keys = pipe(
    ports.keys.publicKeys,
    TaskEither.match(
      (): PlainResponse => refusalJson({ _tag: 'KeysUnavailable' }),
      (published) => publicJson({ keys: published }, documentMaxAgeSeconds)
    )
  )
  const safe = safely<PlainResponse>(workshop, refusalJson)
  const forOpenid: ReadonlyArray<readonly [string, Answerer]> = [
    [pathOf(below(facts.issuer, '.well-known/openid-configuration')), document(openidConfiguration(facts))],
    [pathOf(facts.userinfoEndpoint), share('registered', 'GET, POST', safe(userinfo(workshop)))]
  ]
  const besideTokens: ReadonlyArray<readonly [string, Answerer]> = [
    ...(facts.features.introspection ? [[facts.introspectionEndpoint, safe(introspection(workshop))] as const] : []),
    ...(facts.features.revocation ? [[facts.revocationEndpoint, safe(revocation(workshop))] as const] : [])
  ]
  return new Map<string, Answerer>([
    [pathOf(below(facts.fhirBaseUrl, '.well-known/smart-configuration')), document(smartConfiguration(facts))],
    [
      pathOf(below(facts.issuer, '.well-known/oauth-authorization-server')),
      document(authorizationServerMetadata(facts))
    ],
    // Where the issuer has a path, RFC 8414 puts the well-known part before it; some apps look below it all the same.
    [
      `/.well-known/oauth-authorization-server${withoutTrailingSlash(pathOf(facts.issuer))}`,
      document(authorizationServerMetadata(facts))
    ],
    [pathOf(facts.jwksUri), publicly(read(keys))],
    [pathOf(facts.tokenEndpoint), share('registered', 'POST', answerToken)],
    ...besideTokens.map(([endpoint, answer]) => [pathOf(endpoint), share('registered', 'POST', answer)] as const),
    ...(facts.features.openid ? forOpenid : []),
    ...(facts.isRegistrationOpen ? [[pathOf(facts.registrationEndpoint), safe(register(workshop))] as const] : [])
  ])
}

/**
 * Builds an authorization server from its settings and its host's ports; or says everything that is wrong with the
 * settings.
 */
export const authorizationServer = (
  settings: ServerSettings,
  ports: Ports
): Either.Either<ReadonlyArray<SettingsError>, AuthorizationServer> => Either.map(serverOf)(workshopOf(settings, ports))

/** The address at which a client manages its registration: below the registration endpoint, by its id. */
const managementOf = (workshop: Workshop, path: string): Answerer | undefined => {
  const prefix = `${pathOf(workshop.facts.registrationEndpoint)}/`
  const clientId = path.slice(prefix.length)
  return workshop.registration.isKept && path.startsWith(prefix) && /^[A-Za-z0-9_-]{1,128}$/.test(clientId)
    ? safely<PlainResponse>(workshop, refusalJson)(manageRegistration(workshop)(clientId))
    : undefined
}

const serverOf = (workshop: Workshop): AuthorizationServer => {
  const { ports } = workshop
  const onPage = safely<Conversation>(workshop, showRefusal)
  const orRefusal = <Done>() => safely<Either.Either<Refusal, Done>>(workshop, Either.left)
  const answerToken = safely<PlainResponse>(workshop, refusalJson)(token(workshop))
  const routes = routesOf(workshop, answerToken)
  return {
    facts: workshop.facts,
    policy: workshop.policy,
    authorize: onPage(authorize(workshop)),
    resume: onPage(resume(workshop)),
    userSignedIn: onPage(userSignedIn(workshop)),
    contextChosen: onPage(contextChosen(workshop)),
    contextUnavailable: onPage(contextUnavailable(workshop)),
    pageNeeded: onPage(pageNeeded(workshop)),
    consentGiven: onPage(consentGiven(workshop)),
    userDenied: onPage(userDenied(workshop)),
    token: answerToken,
    offerLaunch: orRefusal<string>()(offerLaunch(workshop)),
    share: withSharing(ports),
    bearer: orRefusal<AccessFacts>()(bearer(workshop)),
    revokeGrant: orRefusal<'revoked'>()(revokeGrant(workshop)),
    client: ports.clients.find,
    rotateSecret: orRefusal<string>()(rotateSecret(workshop)),
    protocol: (request) =>
      pipe(
        Option.fromNullable(routes.get(request.path) ?? managementOf(workshop, request.path)),
        Option.map((answer) => answer(request))
      )
  }
}
