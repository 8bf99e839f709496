/**
 * The host's part of the conversation with the user: which page is shown, and how a form is processed.
 *
 * Every step ends in a redirect to `/authorize/continue`, which shows the page that is needed now, so reloading a page
 * and going back do no harm. A browser may have several conversations at once; each has its own cookie.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { UserEntry } from '../config/config.js'
import type { Html } from '../../host/html.js'
import { html } from '../../host/html.js'
import { pageResponse } from './html.js'
import { consentPage, contextPage, noEncounterOf, refusalPage, signInPage } from './pages.js'
import { conversationCookie, conversationFacts, signedInUser } from './conversation-facts.js'
import { userWithPassword } from './password.js'
import { subjectOf } from '../config/user-subject.js'
import type { Session } from './sessions.js'
import { setCookie } from '../../host/cookies.js'
import { sessionCookie } from './sessions.js'
import { signedInNote } from './sign-out.js'
import type { Simulator } from '../context.js'
import type { Choice } from '../fhir/synthetic-data.js'
import { systemClock } from '../../adapters/system.js'
import type { RequestHandler, HostPages } from '../../engine/server/http-handler.js'
import type { Conversation, Interaction } from '../../engine/server/interaction/conversation.js'
import type { Parameters } from '../../protocol/http/form.js'
import { readForm, repeated, valueOf } from '../../protocol/http/form.js'
import { isForm } from '../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { seeOther } from '../../protocol/http/message.js'
import type { LaunchContext, SignedInUser } from '../../protocol/launch/launch-context.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { refusalHeaders, refusalRow } from '../../protocol/errors/refusal-table.js'
import { parse } from '../../scopes/parse.js'
import { sameDigest } from '../../values/secret.js'
import { withParameters } from '../../values/urls.js'
import { ownMember } from '../../values/own.js'

/** The pages of the conversation and the function that begins it. */
export const conversationHost = (
  simulator: Simulator
): Pick<HostPages, 'onConversation'> & { readonly pages: ReadonlyMap<string, RequestHandler> } => {
  const { basePath, server, config, isSecure, sessions, userNamed, userOf } = simulator
  const cookiePath = `${basePath}/authorize`
  const fromCookies = conversationFacts(simulator)

  const show = (refusal: Refusal, onward: string | null = null): PlainResponse => {
    const page = pageResponse(
      refusalRow(refusal).status,
      basePath,
      'This cannot go on',
      refusalPage(basePath, refusalRow(refusal), onward)
    )
    return { ...page, headers: { ...page.headers, ...refusalHeaders(refusal) } }
  }

  /** Refuses for a reason of the host, and records it in the audit log like the engine's refusals. */
  const refuse = (refusal: Refusal, grantId: string | null = null): Task.Task<PlainResponse> =>
    pipe(
      Task.fromIO(simulator.record(refusal, grantId)),
      Task.map(() => show(refusal))
    )

  const continueAddress = (grantId: string, complaint: string | null = null): string =>
    withParameters(`${basePath}/authorize/continue`, [
      ['grant', grantId],
      ...(complaint === null ? [] : [['complaint', complaint] as const])
    ])

  /** After a step: redirects to the page that is needed now, or to the app, or shows a refusal. */
  const responseTo = (conversation: Conversation, cookies: ReadonlyArray<string>): PlainResponse => {
    switch (conversation._tag) {
      case 'NeedsUser':
      case 'NeedsContext':
      case 'NeedsConsent': {
        const { grantId, browserSecret } = conversation.interaction
        const response = seeOther(continueAddress(grantId))
        const cookie = setCookie(
          conversationCookie(grantId),
          browserSecret,
          cookiePath,
          isSecure,
          server.policy.interactionLifetimeSeconds
        )
        return { ...response, headers: { ...response.headers, 'set-cookie': [...cookies, cookie] } }
      }
      case 'SendToApp':
        return { ...conversation.response, headers: { ...conversation.response.headers, 'set-cookie': cookies } }
      case 'ShowRefusal':
        return show(conversation.refusal, conversation.onward)
    }
  }

  const forget = (grantId: string): string => setCookie(conversationCookie(grantId), '', cookiePath, isSecure, 0)

  /** The name of a user, as the pages show it. */
  const nameOf = ({ sub }: SignedInUser): string => userOf(sub)?.username ?? sub

  /** A page for a signed-in user, with the button "Sign out". */
  const ofUser = (title: string, user: SignedInUser, page: Html): PlainResponse =>
    pageResponse(200, basePath, title, html`${page}${signedInNote(basePath, nameOf(user))}`)

  /** The page that a conversation needs. */
  const render = (conversation: Conversation, complaint: string | null): PlainResponse => {
    switch (conversation._tag) {
      case 'NeedsUser': {
        const { interaction, details } = conversation
        return pageResponse(
          200,
          basePath,
          'Sign in',
          signInPage(basePath, interaction, details, config.users, complaint)
        )
      }
      case 'NeedsContext': {
        const { interaction, details, needs, user } = conversation
        return ofUser(
          'Choose',
          user,
          contextPage(
            basePath,
            interaction,
            details,
            needs,
            simulator.patientsOf(userOf(user.sub)),
            encountersFor(details.context, user.sub)
          )
        )
      }
      case 'NeedsConsent': {
        const { interaction, details, user } = conversation
        const patient = simulator
          .patientsOf(userOf(user.sub))
          .find(({ id }) => id === ownMember(details.context, 'patient'))
        return ofUser(
          'Give access?',
          user,
          consentPage(basePath, interaction, details, { ...user, sub: nameOf(user) }, patient?.label ?? null, {
            fhirUserImpliesRead: server.policy.fhirUserImpliesRead
          })
        )
      }
      case 'SendToApp':
        return conversation.response
      case 'ShowRefusal':
        return show(conversation.refusal, conversation.onward)
    }
  }

  /**
   * The encounters offered for choice: those of the patient in context, or those of all patients whom the user may see.
   */
  const encountersFor = (context: LaunchContext, sub: string): ReadonlyArray<Choice> =>
    simulator
      .encountersOf(userOf(sub))
      .filter(({ patient }) => !Object.hasOwn(context, 'patient') || patient === context.patient)

  const continuePage: RequestHandler = (request) => {
    const parameters = readForm(request.query)
    const grantId = Either.isRight(parameters) ? valueOf(parameters.right, 'grant') : null
    if (grantId === null || Either.isLeft(parameters)) return refuse({ _tag: 'InteractionUnknown' })
    const complaint = parameters.right.has('complaint') ? 'User name or password is wrong.' : null
    return pipe(
      fromCookies(request, grantId),
      TaskEither.foldW(refuse, (unproven) =>
        pipe(
          server.interaction.resume(unproven),
          Task.map((conversation) => render(conversation, complaint))
        )
      )
    )
  }

  type Decide = (interaction: Interaction, form: Parameters, request: PlainRequest) => Task.Task<PlainResponse>

  /**
   * Handles a form of the conversation: sent by POST, with the hidden fields and the cookie that every decision needs.
   */
  const decision =
    (decide: Decide): RequestHandler =>
    (request) => {
      if (request.method !== 'POST') return refuse({ _tag: 'MethodNotAllowed', allowed: 'POST' })
      const form = isForm(request) ? readForm(request.body) : Either.left(null)
      if (Either.isLeft(form)) return refuse({ _tag: 'BodyNotForm' })
      const name = repeated(form.right, [
        'grant',
        'form_token',
        'username',
        'password',
        'patient',
        'encounter',
        'decision'
      ])
      if (name !== null) return refuse({ _tag: 'ParameterRepeated', name })
      const grantId = valueOf(form.right, 'grant') ?? ''
      const formToken = valueOf(form.right, 'form_token') ?? ''
      return pipe(
        fromCookies(request, grantId),
        TaskEither.foldW(
          (refusal) => refuse(refusal, grantId),
          (unproven) => decide({ ...unproven, formToken }, form.right, request)
        )
      )
    }

  /** The refusal of a form that does not belong to its conversation; null if it belongs. */
  const unproven = (interaction: Interaction): Task.Task<PlainResponse | null> =>
    pipe(
      server.interaction.resume(interaction),
      Task.chain((conversation): Task.Task<PlainResponse | null> => {
        if (conversation._tag === 'ShowRefusal') return Task.of(show(conversation.refusal))
        const isProven =
          'interaction' in conversation && sameDigest(conversation.interaction.formToken, interaction.formToken)
        return isProven ? Task.of(null) : refuse({ _tag: 'InteractionOfAnotherBrowser' }, interaction.grantId)
      })
    )

  /** The refusal of a choice for which the conversation does not wait. */
  const notChoosing = (conversation: Conversation, { grantId }: Interaction): Task.Task<PlainResponse> =>
    conversation._tag === 'ShowRefusal'
      ? Task.of(show(conversation.refusal))
      : refuse({ _tag: 'InteractionOutOfOrder' }, grantId)

  /** A user who signed in gets a session, unless the conversation is refused. */
  const startSession = (
    request: PlainRequest,
    session: Session,
    conversation: Conversation
  ): TaskEither.TaskEither<Refusal, ReadonlyArray<string>> =>
    conversation._tag === 'ShowRefusal'
      ? TaskEither.right([])
      : pipe(
          sessions.start(request, session, true),
          TaskEither.map((value) => [setCookie(sessionCookie, value, basePath, isSecure)])
        )

  /** The form token is checked before the password: without it, the response reveals nothing about passwords. */
  const signInForm: Decide = (interaction, form, request) =>
    pipe(
      unproven(interaction),
      Task.chain((refused) =>
        refused === null
          ? pipe(
              userWithPassword(userNamed, valueOf(form, 'username') ?? '', valueOf(form, 'password') ?? ''),
              Task.chain((user) =>
                user === null
                  ? Task.of(seeOther(continueAddress(interaction.grantId, 'sign-in')))
                  : signedInAs(interaction, user, request)
              )
            )
          : Task.of(refused)
      )
    )

  const signedInAs = (interaction: Interaction, user: UserEntry, request: PlainRequest): Task.Task<PlainResponse> =>
    pipe(
      Task.fromIO(() => sessions.next(user.username, systemClock.now())),
      Task.chain((session) =>
        pipe(
          server.interaction.userSignedIn(interaction, signedInUser(user, session)),
          Task.chain((conversation) =>
            pipe(
              startSession(request, session, conversation),
              TaskEither.foldW(
                (refusal) => refuse(refusal, interaction.grantId),
                (cookies) => Task.of(responseTo(conversation, cookies))
              )
            )
          )
        )
      )
    )

  /** The choice may be left out only if this user has nothing to choose. */
  const withoutContext: Decide = (interaction) =>
    pipe(
      server.interaction.resume(interaction),
      Task.chain((conversation) => {
        if (conversation._tag !== 'NeedsContext') return notChoosing(conversation, interaction)
        const { sub } = conversation.user
        const {
          details: { context },
          needs
        } = conversation
        const encounters = needs.includes('encounter') ? encountersFor(context, sub) : []
        const patients = needs.includes('patient') ? simulator.patientsOf(userOf(sub)) : []
        return encounters.length + patients.length > 0
          ? refuse({ _tag: 'ContextIncomplete' }, interaction.grantId)
          : pipe(
              server.interaction.contextUnavailable(interaction),
              Task.map((next) => responseTo(next, []))
            )
      })
    )

  /** A choice counts only if it was offered to this user. */
  const contextForm: Decide = (interaction, form) =>
    pipe(
      server.interaction.resume(interaction),
      Task.chain((conversation) => {
        if (conversation._tag !== 'NeedsContext') return notChoosing(conversation, interaction)
        const { sub } = conversation.user
        const { context } = conversation.details
        const chosen = valueOf(form, 'encounter')
        const encounter = encountersFor(context, sub).find(({ id }) => id === chosen)
        const patients = simulator.patientsOf(userOf(sub))
        const withoutOne = patients.find(({ id }) => noEncounterOf(id) === chosen)
        const named = valueOf(form, 'patient') ?? withoutOne?.id ?? null
        const wanted = ownMember(context, 'patient') ?? encounter?.patient ?? named
        const patient = patients.find(({ id }) => id === wanted)
        // If patient and encounter contradict each other, both are refused, so that no wrong record is opened.
        const isContradiction = named !== null && named !== wanted
        if (
          patient === undefined ||
          isContradiction ||
          (chosen !== null && encounter === undefined && withoutOne === undefined)
        ) {
          return refuse({ _tag: 'ContextIncomplete' }, interaction.grantId)
        }
        const chose = { patient: patient.id, ...(encounter === undefined ? {} : { encounter: encounter.id }) }
        const hasNone = conversation.needs.includes('encounter') && encountersFor(chose, sub).length === 0
        const report = hasNone ? server.interaction.contextUnavailable : server.interaction.contextChosen
        return pipe(
          report(interaction, chose),
          Task.map((next) => responseTo(next, []))
        )
      })
    )

  const consentForm: Decide = (interaction, form) => {
    const answer =
      valueOf(form, 'decision') === 'allow'
        ? server.interaction.consentGiven(interaction, parse((form.get('scope') ?? []).join(' ')))
        : server.interaction.userDenied(interaction)
    return pipe(
      answer,
      Task.map((conversation) => responseTo(conversation, [forget(interaction.grantId)]))
    )
  }

  /** With `prompt=none`, a conversation that needs a page ends in an error response to the app. */
  const answerSilently = (isSilent: boolean, conversation: Conversation): Task.Task<PlainResponse> =>
    isSilent && 'interaction' in conversation
      ? pipe(
          server.interaction.pageNeeded(conversation.interaction),
          Task.map((next) => responseTo(next, []))
        )
      : Task.of(responseTo(conversation, []))

  type NeedsUser = Extract<Conversation, { readonly _tag: 'NeedsUser' }>

  /** The first answer to an authorization request, in a browser with a session or without. */
  const forSession =
    (conversation: NeedsUser) =>
    (session: Session | null): Task.Task<PlainResponse> => {
      const { details, interaction } = conversation
      const user =
        session === null || session.authTime < details.signedInSince ? undefined : userNamed(session.username)
      const isSilent = details.prompts.includes('none')
      // `signedInSince` does not exclude a session of the same second, so these prompts are checked too.
      const mustSignIn = details.prompts.includes('login') || details.prompts.includes('select_account')
      // Another user may have signed in to this browser since the launch: then the sign-in page asks for the launching
      // user.
      const isKnown =
        session !== null &&
        user !== undefined &&
        !mustSignIn &&
        (details.launchedBy === subjectOf(user.username) || (isSilent && details.launchedBy === null))
      const next = isKnown
        ? server.interaction.userSignedIn(interaction, signedInUser(user, session))
        : Task.of<Conversation>(conversation)
      return pipe(
        next,
        Task.chain((after) => answerSilently(isSilent, after))
      )
    }

  return {
    onConversation: (conversation, request) =>
      conversation._tag === 'NeedsUser'
        ? pipe(sessions.of(request), TaskEither.foldW(refuse, forSession(conversation)))
        : Task.of(responseTo(conversation, [])),
    pages: new Map([
      [`${basePath}/authorize/continue`, continuePage],
      [`${basePath}/authorize/sign-in`, decision(signInForm)],
      [`${basePath}/authorize/context`, decision(contextForm)],
      [`${basePath}/authorize/without-context`, decision(withoutContext)],
      [`${basePath}/authorize/consent`, decision(consentForm)]
    ])
  }
}
