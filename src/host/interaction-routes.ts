/**
 * The addresses of a conversation with the user: the authorization endpoint, and one page for each conversation.
 *
 * GET shows the page that is needed now, POST decides; every decision ends in a redirect to that page or to the app, so
 * reloading a page and going back do no harm. Each conversation has its own cookie, valid only for its page.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { giveConsent } from './consent.js'
import type { Choosing } from './context-choice.js'
import { choiceIn, offeredPatients } from './context-choice.js'
import { cookiesOf, setCookie } from './cookies.js'
import { choosePatientContents, consentContents } from './default-pages.js'
import { returnedQuery } from './host-addresses.js'
import type { HostContext, HostRequest } from './host-context.js'
import { askingClient, hiddenFieldsOf, refusalPageOf, refusedPage, shownPage } from './host-context.js'
import type { ChoosePatientPage, ConsentPage } from './page-data.js'
import { scopesInWords } from './scope-words.js'
import { signInNeeded } from './sign-in.js'
import type { Next } from './steps.js'
import { advance, patientsOf, reportChoice } from './steps.js'
import type { SessionUnsuitable } from './session-rules.js'
import type { Conversation, Interaction } from '../engine/server/interaction/conversation.js'
import { contextUnderScopes } from '../protocol/grant/granted-context.js'
import { isOwnRecord } from '../protocol/launch/launch-context.js'
import type { Parameters } from '../protocol/http/form.js'
import { readForm, repeated, valueOf } from '../protocol/http/form.js'
import { isForm } from '../protocol/http/media-type.js'
import type { PlainResponse } from '../protocol/http/message.js'
import { seeOther } from '../protocol/http/message.js'
import { english } from '../scopes/explain/english.js'
import type { Explanation } from '../scopes/explain/explain.js'
import { parse } from '../scopes/parse.js'
import { limits } from '../values/limits/limits.js'
import { ownMember } from '../values/own.js'
import { sameDigest } from '../values/secret.js'

/** The query of a page on which a choice was missing. */
const missingQuery = 'missing=choice'

/** The query of the link with which a user signs in again. */
const signInQuery = 'sign-in=again'

const isSecure = (issuer: string): boolean => issuer.startsWith('https:')

/** Browsers let no address without TLS set a cookie with the prefix `__Secure-` (RFC 6265bis, section 4.1.3.1). */
const cookieName = <R>({ server }: HostContext<R>, grantId: string): string =>
  `${isSecure(server.facts.issuer) ? '__Secure-' : ''}smart_${grantId}`

const withCookie = (response: PlainResponse, cookie: string): PlainResponse => {
  const others = ownMember(response.headers, 'set-cookie') ?? []
  return { ...response, headers: { ...response.headers, 'set-cookie': [others, cookie].flat() } }
}

/** The cookie of a conversation; a value of null deletes it. */
const cookieOf = <R>(hostContext: HostContext<R>, grantId: string, value: string | null): string =>
  setCookie(
    cookieName(hostContext, grantId),
    value ?? '',
    hostContext.addresses.interaction(grantId),
    isSecure(hostContext.server.facts.issuer),
    value === null ? 0 : hostContext.server.policy.interactionLifetimeSeconds
  )

/** The grant, and the browser and user of the conversation, from the request alone. */
const fromRequest = <R>(hostContext: HostContext<R>, { request, present }: HostRequest<R>, grantId: string) => ({
  grantId,
  browserSecret: cookiesOf(request).get(cookieName(hostContext, grantId)) ?? '',
  present
})

/** The text that the user searches for on the page to choose a patient; empty if none. */
const searchIn = (query: string): string => {
  const form = readForm(query)
  return Either.isLeft(form) ? '' : (form.right.get('search')?.[0] ?? '').slice(0, limits.shownText.default)
}

const choosePage = async <R>(
  hostContext: HostContext<R>,
  { own, request }: HostRequest<R>,
  conversation: Choosing
): Promise<PlainResponse> => {
  const { details, interaction, needs, user } = conversation
  const patients = offeredPatients(conversation, await patientsOf(hostContext, user, own))
  const [first] = patients
  const page: ChoosePatientPage = {
    action: hostContext.addresses.interaction(interaction.grantId),
    hiddenFields: await hiddenFieldsOf(hostContext, own, interaction.formToken),
    client: askingClient(details),
    user,
    needs,
    patients,
    preselected: patients.length === 1 && first !== undefined ? first.id : null,
    complaint: request.query === missingQuery ? 'Choose one of these.' : null,
    search: searchIn(request.query)
  }
  const ownPage = hostContext.options.pages?.choosePatient
  return shownPage(hostContext, own, { name: 'pages.choosePatient', ownPage, contents: choosePatientContents }, page)
}

/** What the scopes do not allow, and whose records they reach. Where the user is the patient, there is one record. */
const limitsOf = (
  { denies, doesNotAllow }: Explanation,
  isOwn: boolean
): Pick<ConsentPage, 'doesNotAllow' | 'reach'> => {
  const { otherPatients, otherPatientsOrUser } = english.doesNotAllow
  if (!denies.includes('otherPatientsOrUser'))
    return { doesNotAllow, reach: denies.includes('otherPatients') ? 'patient' : 'wider' }
  return isOwn
    ? { doesNotAllow: doesNotAllow.map((one) => (one === otherPatientsOrUser ? otherPatients : one)), reach: 'patient' }
    : { doesNotAllow, reach: 'patientAndUser' }
}

const consentPage = async <R>(
  hostContext: HostContext<R>,
  { own }: HostRequest<R>,
  { details, interaction, user }: Extract<Conversation, { readonly _tag: 'NeedsConsent' }>
): Promise<PlainResponse> => {
  const patient = ownMember(details.context, 'patient')
  const patients = patient === undefined ? [] : await patientsOf(hostContext, user, own)
  const { accessTokenLifetimeSeconds, fhirUserImpliesRead, refreshTokenLifetimeSeconds } = hostContext.server.policy
  const page: ConsentPage = {
    action: hostContext.addresses.interaction(interaction.grantId),
    hiddenFields: await hiddenFieldsOf(hostContext, own, interaction.formToken),
    client: askingClient(details),
    user,
    scopes: scopesInWords(details.scopes, { fhirUserImpliesRead }),
    ...limitsOf(details.explanation, isOwnRecord(user, patient)),
    context: contextUnderScopes(details.scopes, details.context),
    patientName: patients.find(({ id }) => id === patient)?.name ?? null,
    isLaunchedByEhr: details.launchedByEhr,
    accessSeconds: accessTokenLifetimeSeconds,
    renewalSeconds: refreshTokenLifetimeSeconds
  }
  const ownPage = hostContext.options.pages?.consent
  return shownPage(hostContext, own, { name: 'pages.consent', ownPage, contents: consentContents }, page)
}

/**
 * The sign-in page for a conversation, or the page that says why a sign-in did not help. Without a conversation that
 * waits for a decision, the page names no app and offers no end.
 */
const signInFor = async <R>(
  hostContext: HostContext<R>,
  request: HostRequest<R>,
  grantId: string,
  because: SessionUnsuitable,
  { conversation, isReturned }: { readonly conversation: Conversation; readonly isReturned: boolean }
): Promise<PlainResponse> => {
  const address = hostContext.addresses.interaction(grantId)
  const waiting = 'interaction' in conversation ? conversation : null
  return signInNeeded(hostContext, request, {
    because,
    client: waiting === null ? null : askingClient(waiting.details),
    cancel:
      waiting === null
        ? null
        : {
            action: address,
            hiddenFields: await hiddenFieldsOf(hostContext, request.own, waiting.interaction.formToken)
          },
    isReturned,
    returnTo: `${address}?${returnedQuery}`,
    retry: `${address}?${signInQuery}`
  })
}

/** The response after the steps that needed no page. `drawsHere` means that this address shows the page itself. */
const responseTo = async <R>(
  hostContext: HostContext<R>,
  request: HostRequest<R>,
  next: Next,
  { drawsHere, isReturned, grantId }: { drawsHere: boolean; isReturned: boolean; grantId: string | null }
): Promise<PlainResponse> => {
  const { addresses, options } = hostContext
  const { conversation } = next
  if (conversation._tag === 'SendToApp') {
    const { response } = conversation
    return grantId === null ? response : withCookie(response, cookieOf(hostContext, grantId, null))
  }
  if (conversation._tag === 'ShowRefusal') {
    const { refusal, onward } = conversation
    const retry =
      grantId !== null && (refusal._tag === 'InteractionOfAnotherUser' || refusal._tag === 'SignInTooOld')
        ? `${addresses.interaction(grantId)}?${signInQuery}`
        : null
    return refusalPageOf(hostContext, request.own, refusal, { onward, retry })
  }
  const { interaction } = conversation
  const address = addresses.interaction(interaction.grantId)
  if (!drawsHere && (next._tag !== 'SignIn' || typeof options.signIn !== 'string'))
    return withCookie(seeOther(address), cookieOf(hostContext, interaction.grantId, interaction.browserSecret))
  if (next._tag === 'SignIn') {
    const response = await signInFor(hostContext, request, interaction.grantId, next.because, {
      conversation,
      isReturned
    })
    return drawsHere
      ? response
      : withCookie(response, cookieOf(hostContext, interaction.grantId, interaction.browserSecret))
  }
  if (conversation._tag === 'NeedsContext') return choosePage(hostContext, request, conversation)
  return conversation._tag === 'NeedsConsent' ? consentPage(hostContext, request, conversation) : seeOther(address)
}

/** The authorization endpoint. */
export const authorizeRoute = async <R>(
  hostContext: HostContext<R>,
  request: HostRequest<R>
): Promise<PlainResponse> => {
  const conversation = await hostContext.server.endpoints.authorize(request.request)()
  const next = await advance(hostContext, conversation, request)
  return responseTo(hostContext, request, next, { drawsHere: false, isReturned: false, grantId: null })
}

/** Why a refused conversation may go on after a sign-in; null if it may not. */
const signInHelps = <R>(conversation: Conversation, { present }: HostRequest<R>): SessionUnsuitable | null => {
  if (conversation._tag !== 'ShowRefusal') return null
  if (conversation.refusal._tag === 'SignInTooOld') return 'TooOld'
  return conversation.refusal._tag === 'InteractionOfAnotherUser' && present === null ? 'NoSession' : null
}

/** GET: shows the page that the conversation needs now. */
const showConversation = async <R>(
  hostContext: HostContext<R>,
  request: HostRequest<R>,
  grantId: string
): Promise<PlainResponse> => {
  const isReturned = request.request.query === returnedQuery
  const conversation = await hostContext.server.interaction.resume(fromRequest(hostContext, request, grantId))()
  if (request.request.query === signInQuery)
    return signInFor(hostContext, request, grantId, 'SignInRequested', { conversation, isReturned: false })
  const because = signInHelps(conversation, request)
  if (because !== null && !isReturned)
    return signInFor(hostContext, request, grantId, because, { conversation, isReturned })
  const next = await advance(hostContext, conversation, request, isReturned)
  return responseTo(hostContext, request, next, { drawsHere: true, isReturned, grantId })
}

/** Applies a form to the conversation; null if the form does not decide what the conversation waits for now. */
const decided = async <R>(
  hostContext: HostContext<R>,
  { own }: HostRequest<R>,
  conversation: Conversation,
  interaction: Interaction,
  form: Parameters
): Promise<Conversation | 'missing' | null> => {
  const { server } = hostContext
  if (!('interaction' in conversation)) return conversation
  const decision = valueOf(form, 'decision')
  if (decision === 'deny') return server.interaction.userDenied(interaction)()
  if (conversation._tag === 'NeedsContext') {
    const offered = offeredPatients(conversation, await patientsOf(hostContext, conversation.user, own))
    const choice = choiceIn(conversation, offered, form)
    return choice === null ? 'missing' : reportChoice(hostContext, interaction, choice)
  }
  if (conversation._tag === 'NeedsConsent' && decision === 'allow') {
    const approved = parse((form.get('scope') ?? []).join(' '))
    // A user who allows nothing of all has denied the request, on a page that names the app.
    return approved.length === 0 && server.policy.emptyGrant === 'access_denied'
      ? server.interaction.userDenied(interaction)()
      : giveConsent(hostContext, interaction, approved, true)
  }
  return null
}

/** POST: a decision of the user. */
const decide = async <R>(
  hostContext: HostContext<R>,
  request: HostRequest<R>,
  grantId: string
): Promise<PlainResponse> => {
  const { own } = request
  const form = isForm(request.request) ? readForm(request.request.body) : Either.left(null)
  if (Either.isLeft(form)) return refusedPage(hostContext, own, { _tag: 'BodyNotForm' }, grantId)
  const name = repeated(form.right, ['form_token', 'decision', 'patient', 'encounter'])
  if (name !== null) return refusedPage(hostContext, own, { _tag: 'ParameterRepeated', name }, grantId)
  const unproven = fromRequest(hostContext, request, grantId)
  const interaction = { ...unproven, formToken: valueOf(form.right, 'form_token') ?? '' }
  const conversation = await hostContext.server.interaction.resume(unproven)()
  const { switchUser } = hostContext
  if (switchUser !== null && valueOf(form.right, 'decision') === 'switch' && 'interaction' in conversation) {
    if (!sameDigest(conversation.interaction.formToken, interaction.formToken))
      return refusedPage(hostContext, own, { _tag: 'InteractionOfAnotherBrowser' }, grantId)
    const switched = await switchUser(own, grantId)
    if (switched !== null) return withCookie(switched, cookieOf(hostContext, grantId, null))
  }
  const after = await decided(hostContext, request, conversation, interaction, form.right)
  const address = hostContext.addresses.interaction(grantId)
  if (after === null) return seeOther(address)
  if (after === 'missing') return seeOther(`${address}?${missingQuery}`)
  // The page is drawn at its address, so that reloading it sends no form again.
  const next: Next =
    'interaction' in after ? await advance(hostContext, after, request) : { _tag: 'Show', conversation: after }
  return responseTo(hostContext, request, next, { drawsHere: false, isReturned: false, grantId })
}

/** The page of a conversation. */
export const interactionRoute = <R>(
  hostContext: HostContext<R>,
  request: HostRequest<R>,
  grantId: string
): Promise<PlainResponse> => {
  switch (request.request.method) {
    case 'GET':
      return showConversation(hostContext, request, grantId)
    case 'POST':
      return decide(hostContext, request, grantId)
    default:
      return refusedPage(hostContext, request.own, { _tag: 'MethodNotAllowed', allowed: 'GET, POST' }, grantId)
  }
}
