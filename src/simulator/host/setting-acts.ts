/** How a launch setting acts on the conversation with the user: who is signed in, which steps have no page. */
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Session } from './sessions.js'
import { sessionCookie } from './sessions.js'
import type { Simulator } from '../context.js'
import type { LaunchSetting } from '../settings/setting.js'
import { systemClock } from '../../adapters/system.js'
import { setCookie } from '../../host/cookies.js'
import type { SkippedSteps } from '../../host/host-context.js'
import type { PatientChoice } from '../../host/page-data.js'
import type { AuthorizationServer } from '../../engine/server/authorization-server.js'
import type { LaunchContext } from '../../protocol/launch/launch-context.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { noMembers, ownMember } from '../../values/own.js'
import { pathOf } from '../../values/urls.js'

const skips = ({ skip = [] }: LaunchSetting, step: 'sign-in' | 'consent'): boolean => skip.includes(step)

/** The steps without a page. */
export const skippedSteps = (setting: LaunchSetting): SkippedSteps => ({
  onlyChoice: setting.patient !== undefined || setting.encounter !== undefined,
  consent: skips(setting, 'consent')
})

/** Whether the session belongs to the user whom the setting names. */
export const isUserOfLaunch = ({ user }: LaunchSetting, { username }: Pick<Session, 'username'>): boolean =>
  user === undefined || user === username

/**
 * The choices that the setting leaves of those of the user. It adds none: a patient whom the user may not see, or an
 * encounter of another patient, is no choice.
 */
export const choicesUnder = (
  { encounter, patient }: LaunchSetting,
  choices: ReadonlyArray<PatientChoice>
): ReadonlyArray<PatientChoice> => {
  const named = choices.filter(({ id }) => patient === undefined || id === patient)
  if (encounter === undefined) return named
  const narrowed = named.map((choice) => ({
    ...choice,
    encounters: (choice.encounters ?? []).filter(({ id }) => id === encounter)
  }))
  return patient === undefined ? narrowed.filter(({ encounters }) => encounters.length > 0) : narrowed
}

/**
 * What the setting says in the launch context of a launch from the record system. A framed app is below the banner of
 * the record system, so it need not show one, unless the setting says so.
 */
export const contextOfLaunch = (
  { banner, context, intent, style, tenant }: LaunchSetting,
  chosen: {
    readonly patient: string | null
    readonly encounter: string | null
    readonly intent: string | null
    readonly isFramed: boolean
  }
): LaunchContext => {
  const aim = chosen.intent ?? intent ?? null
  return {
    ...(chosen.patient === null ? noMembers : { patient: chosen.patient }),
    ...(chosen.encounter === null ? noMembers : { encounter: chosen.encounter }),
    ...(aim === null ? noMembers : { intent: aim }),
    need_patient_banner: banner ?? !chosen.isFramed,
    ...(style === undefined ? noMembers : { smart_style_url: style }),
    ...(tenant === undefined ? noMembers : { tenant }),
    ...(context === undefined ? noMembers : { fhirContext: context })
  }
}

/** The server, with what the setting says about the banner beside the choice of a standalone launch. */
export const withBanner = (server: AuthorizationServer, { banner }: LaunchSetting): AuthorizationServer =>
  banner === undefined
    ? server
    : {
        ...server,
        interaction: {
          ...server.interaction,
          contextChosen: (interaction, context) =>
            server.interaction.contextChosen(interaction, { need_patient_banner: banner, ...context })
        }
      }

/** The response with another cookie. */
export const withCookie = (response: PlainResponse, cookie: string): PlainResponse => ({
  ...response,
  headers: { ...response.headers, 'set-cookie': [ownMember(response.headers, 'set-cookie') ?? [], cookie].flat() }
})

/** The session of a request, and the cookie of a session that has just begun. */
export interface Present {
  readonly session: Session | null
  readonly cookie: string | null
}

/**
 * The session of a request. A setting that skips the sign-in signs its user in, at the authorization endpoint: the user
 * whom it names, or else the one of the session, or else the first.
 */
export const presentAt = ({ config, homePath, isSecure, server, sessions, setting }: Simulator) => {
  const startsAt = pathOf(server.facts.authorizationEndpoint)
  return (request: PlainRequest): TaskEither.TaskEither<Refusal, Present> =>
    pipe(
      sessions.of(request),
      TaskEither.chain((session): TaskEither.TaskEither<Refusal, Present> => {
        const username = setting.user ?? session?.username ?? config.users[0]?.username
        const begins = request.path === startsAt && (request.method === 'GET' || request.method === 'POST')
        if (!skips(setting, 'sign-in') || !begins || username === undefined || session?.username === username)
          return TaskEither.right({ session, cookie: null })
        const next = sessions.next(username, systemClock.now())
        return pipe(
          sessions.start(request, next),
          TaskEither.map((value) => ({
            session: next,
            cookie: setCookie(sessionCookie, value, homePath, isSecure)
          }))
        )
      })
    )
}
