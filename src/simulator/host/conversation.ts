/**
 * The simulator as a host: the steps of the conversation with the user, the consent and the connected apps are those of
 * `src/host`; the users, their sessions and the looks of the pages are the simulator's own.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Session } from './sessions.js'
import { showSignIn, signIn } from './sign-in.js'
import type { UserEntry } from '../config/config.js'
import { subjectOf } from '../config/user-subject.js'
import type { Simulator } from '../context.js'
import { page } from '../design/shell.js'
import { choicesUnder, isUserOfLaunch, presentAt, skippedSteps, withBanner, withCookie } from './setting-acts.js'
import { choicesOfUser } from './user-choices.js'
import { choiceTitle, choosePage } from '../pages/choose.js'
import { connectedAppsPage } from '../pages/connected-apps.js'
import { consentPage } from '../pages/consent.js'
import { userSwitch } from './switch-user.js'
import { relaunchFrom, wayOnFrom } from './way-on.js'
import type { WayOn } from '../pages/error.js'
import { refusalPage, errorTitle } from '../pages/error.js'
import type { Ports } from '../../engine/ports.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import type { HostOptions } from '../../host/host-options.js'
import type { ErrorPage } from '../../host/page-data.js'
import { errorData } from '../../host/host-context.js'
import { hostOver } from '../../host/smart-host.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import type { SignedInUser } from '../../protocol/launch/launch-context.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { refusalHeaders, refusalRow } from '../../protocol/errors/refusal-table.js'

/** A request to a page, with the session of its browser. */
interface OwnRequest {
  readonly request: PlainRequest
  readonly session: Session | null
}

/** What the page of a request says that belongs to another user than the one who is signed in. */
const ofAnotherUser = refusalRow({ _tag: 'InteractionOfAnotherUser' }).description

/** A user with a session, for the engine. */
const signedInUser = (user: UserEntry, { authTime, id }: Session): SignedInUser => ({
  sub: subjectOf(user.username),
  fhirUser: user.fhirUser,
  authTime,
  sessionId: id
})

/** An error page as a response. It may be in a frame of this server, because nothing is decided on it. */
const errorResponse = ({ homePath }: Pick<Simulator, 'homePath'>, data: ErrorPage, wayOn: WayOn = {}): PlainResponse =>
  page({
    homePath,
    status: data.status,
    title: errorTitle(data),
    heading: null,
    layout: 'talk',
    isFramed: true,
    body: refusalPage(homePath, data, wayOn)
  })

/** The page of a refusal, outside a conversation; with the bound, for a body that is too large. */
export const refusalResponse = (
  simulator: Pick<Simulator, 'homePath'>,
  refusal: Refusal,
  wayOn: WayOn = {}
): PlainResponse => {
  const offer =
    refusal._tag === 'BodyTooLarge'
      ? { message: `${refusalRow(refusal).description} A form may have ${String(refusal.limitBytes)} bytes.` }
      : {}
  const response = errorResponse(simulator, errorData(refusal, offer), wayOn)
  return { ...response, headers: { ...response.headers, ...refusalHeaders(refusal) } }
}

/** The conversation of one server. */
export interface ConversationHost {
  /** Whether a path is one of the protocol or of a page of the conversation. */
  readonly handles: (path: string) => boolean
  readonly answer: RequestHandler & Required<Pick<RequestHandler, 'refused'>>
}

/** The host over the server of a simulator. */
export const conversationHost = (simulator: Simulator, ports: Ports): ConversationHost => {
  const { basePath, behind, homePath, record, refused, server, setting, userNamed, userOf } = simulator
  const nameOf = ({ sub }: SignedInUser): string => userOf(sub)?.username ?? sub
  const talk = { homePath, layout: 'talk', heading: null } as const
  const switching = userSwitch(simulator, ports)
  const options: HostOptions<OwnRequest> = {
    user: ({ session }) => {
      const user = session === null || !isUserOfLaunch(setting, session) ? undefined : userNamed(session.username)
      return session === null || user === undefined ? null : signedInUser(user, session)
    },
    signIn: (data, { request, session }) => showSignIn(simulator, request, data, session),
    patients: async ({ sub }) => {
      const refreshed = await behind.refresh()
      if (Either.isLeft(refreshed)) throw new Error(refreshed.left.reason)
      return choicesUnder(setting, choicesOfUser(simulator, userOf(sub)))
    },
    pages: {
      choosePatient: async (data, { request }) => {
        const body = choosePage(nameOf(data.user), data, await switching.relaunchAt(request.path, data.client.id))
        return page({ ...talk, title: choiceTitle(data), hasError: data.complaint !== null, body })
      },
      consent: async (data, { request }) => {
        const body = consentPage(nameOf(data.user), data, await switching.relaunchAt(request.path, data.client.id))
        return page({ ...talk, title: 'Give access?', body })
      },
      connectedApps: async (data, { session }) => {
        const facts = await Promise.all(
          data.apps.map(async ({ grantId }) => [grantId, await simulator.grantFacts(grantId)] as const)
        )
        return page({
          homePath,
          title: 'Connected apps',
          layout: 'desk',
          signedInAs: session?.username ?? null,
          body: connectedAppsPage(nameOf(data.user), data, new Map(facts), {
            elsewhere: await simulator.grantsElsewhere(data.user.sub),
            homePath
          })
        })
      },
      error: async (data, { request, session }) =>
        errorResponse(simulator, data, {
          ...(await wayOnFrom(simulator, ports, data, request)),
          signedInAs: data.message === ofAnotherUser ? (session?.username ?? null) : null
        })
    }
  }
  const host = hostOver<OwnRequest>(
    withBanner(server, setting),
    ports,
    options,
    skippedSteps(setting),
    switching.switchUser,
    ({ sub }, grant) => simulator.endElsewhere(sub, grant)
  )
  const present = presentAt(simulator)
  const signInAddress = `${basePath}/ehr/sign-in`
  const answerSignIn = signIn(simulator, {
    isReturnAddress: host.isReturnAddress,
    refuse: (refusal, returnTo) =>
      pipe(
        Task.fromIO(record(refusal, null)),
        Task.chain(() => async () => {
          const isOfApp = refusal._tag === 'InteractionOfAnotherBrowser' && host.isReturnAddress(returnTo)
          const wayOn = isOfApp ? await relaunchFrom(simulator, ports, returnTo.split('?')[0] ?? '') : {}
          return refusalResponse(simulator, refusal, wayOn)
        })
      )
  })
  return {
    handles: (path) => path === signInAddress || host.handles(path),
    answer: Object.assign(
      (request: PlainRequest): Task.Task<PlainResponse> =>
        request.path === signInAddress
          ? answerSignIn(request)
          : pipe(
              present(request),
              TaskEither.matchE(
                (refusal) => Task.of(refused(refusal)),
                ({ session, cookie }) =>
                  pipe(
                    async () => {
                      const response = await host.answer(request, { request, session })
                      await switching.notice(request, response)
                      return response
                    },
                    Task.map((response) => (cookie === null ? response : withCookie(response, cookie)))
                  )
              )
            ),
      {
        refused:
          (request: PlainRequest, because: Refusal | null): Task.Task<PlainResponse> =>
          () =>
            host.refused(request, because)
      }
    )
  }
}
