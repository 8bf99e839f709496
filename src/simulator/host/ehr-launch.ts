/** `/ehr/launch`: starts an app from the EHR with the user's current context. */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { logLink } from '../log/linked-answer.js'
import type { BrokenRule } from '../log/own-refusal.js'
import { firstBroken } from '../log/own-refusal.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, html } from '../../host/html.js'
import { subjectOf } from '../config/user-subject.js'
import type { Session } from './sessions.js'
import { contextOfLaunch } from './setting-acts.js'
import { isSilent } from './running-app.js'
import { queryOfSetting } from '../launch/setting-query.js'
import type { LaunchSetting } from '../settings/setting.js'
import { isForBrowser } from '../settings/wrong-base.js'
import { setCookie } from '../../host/cookies.js'
import { sessionCookie } from './sessions.js'
import type { Simulator } from '../context.js'
import { actions, linkButton, notice } from '../design/parts.js'
import { silentLaunch } from '../pages/launch-link.js'
import { cardPage } from '../pages/card-page.js'
import { appNamed, toLaunchPage } from '../pages/parties.js'
import { systemClock } from '../../adapters/system.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import type { EhrLaunchRequest } from '../../engine/server/interaction/offer-launch.js'
import { launchUrl } from '../../engine/server/interaction/offer-launch.js'
import type { FormReadingError, Parameters } from '../../protocol/http/form.js'
import { readForm, repeated, valueOf } from '../../protocol/http/form.js'
import type { Rule } from '../../protocol/machine/rules.js'
import type { UserEntry } from '../config/config.js'
import type { RegisteredClient } from '../../protocol/client/client.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { seeOther } from '../../protocol/http/message.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { noMembers } from '../../values/own.js'
import { quoted } from '../../values/shown-text.js'

/** A launch that every rule accepts. */
export interface Launch {
  readonly offer: EhrLaunchRequest
  readonly launchUri: string
  readonly redirectUris: ReadonlyArray<string>
  readonly appName: string
  readonly username: string
  /** The user whom the address names; null if it names none. */
  readonly namedUser: string | null
  /** The browser's request, which may have a session. */
  readonly request: PlainRequest
  /** The session of that browser. */
  readonly session: Session | null
  /** Whether it goes on without a look at the app. */
  readonly isUnchecked: boolean
}

/** The parameter of a launch in the frame of this server, below its banner with the patient. */
export const framedParameter = 'framed=yes'

/** The parameter of a launch that goes on although nothing answers at the launch URI, or the app refuses frames. */
export const uncheckedParameter = 'unchecked=yes'

const launchParameters = ['client_id', 'launch_uri', 'user', 'patient', 'encounter', 'intent', 'framed', 'unchecked']

interface LaunchQuery {
  readonly parameters: Either.Either<FormReadingError, Parameters>
}

/** The rules of the query of a launch. A refusal is a sentence for the page. */
export const launchQueryRules: ReadonlyArray<Rule<LaunchQuery, string>> = [
  {
    name: 'query-readable',
    check: ({ parameters }) => (Either.isLeft(parameters) ? 'A parameter is not UTF-8 text in form encoding.' : null)
  },
  {
    name: 'no-repeated-parameter',
    check: ({ parameters }: LaunchQuery): string | null => {
      const twice = Either.isRight(parameters) ? repeated(parameters.right, launchParameters) : null
      return twice === null ? null : `The parameter ${twice} is repeated.`
    }
  }
]

interface DesktopLaunchFacts {
  readonly setting: LaunchSetting
  /** The id in the address; null for none. */
  readonly clientId: string | null
  readonly client: RegisteredClient | null
  readonly launchUri: string | null
  readonly user: UserEntry | undefined
  readonly patient: string | null
  readonly encounter: string | null
  readonly intent: string | null
  readonly simulator: Pick<Simulator, 'patientsOf' | 'encountersOf'>
}

/** The rules of a launch from the launch page. A refusal is a sentence for the page. */
export const desktopLaunchRules: ReadonlyArray<Rule<DesktopLaunchFacts, string>> = [
  {
    name: 'client-known',
    check: ({ client, clientId }) =>
      client !== null
        ? null
        : clientId === null
          ? 'The address names no app: it has no client_id and no launch_uri. The launch page makes such addresses.'
          : `There is no app with the client_id ${quoted(clientId)}.`
  },
  {
    name: 'launch-uri-registered',
    check: ({ client, launchUri }) =>
      launchUri === null
        ? 'The address has no launch_uri.'
        : client?.launchUris.includes(launchUri) === false
          ? 'The launch_uri is not registered for that app.'
          : null
  },
  {
    name: 'setting-agrees',
    check: ({ setting, user, patient, encounter, intent }: DesktopLaunchFacts): string | null => {
      const given = { user: user?.username ?? null, patient, encounter, intent }
      const member = (['user', 'patient', 'encounter', 'intent'] as const).find(
        (name) => setting[name] !== undefined && setting[name] !== given[name]
      )
      return member === undefined ? null : `The setting in the address has another ${member}.`
    }
  },
  { name: 'user-known', check: ({ user }) => (user === undefined ? 'There is no such user.' : null) },
  {
    name: 'patient-visible',
    check: ({ simulator, user, patient }) =>
      patient !== null && !simulator.patientsOf(user).some(({ id }) => id === patient)
        ? 'The user may not see that patient, or there is no such patient.'
        : null
  },
  {
    name: 'encounter-of-patient',
    check: ({ simulator, user, patient, encounter }) =>
      encounter !== null &&
      !simulator.encountersOf(user).some((visited) => visited.id === encounter && visited.patient === patient)
        ? 'The encounter is not one of that patient.'
        : null
  }
]

/** What each rule of a launch accepts. */
export const launchAdvice: Readonly<Record<string, string>> = {
  'query-readable': 'Parameters are UTF-8 text in form encoding.',
  'no-repeated-parameter': 'Each parameter is given once.',
  'client-known': 'The page of apps lists the apps. Another app is launched by its URLs, with a launch setting.',
  'launch-uri-registered': 'A launch goes to a launch URI that is registered for the app.',
  'setting-agrees': 'A parameter is left out, or has the value of the launch setting.',
  'user-known': 'The launch page lists the users.',
  'patient-visible': 'The launch page lists the patients whom the user may see.',
  'encounter-of-patient': 'The launch page lists the encounters of the patient.'
}

/** The parameters of the launch, or the rule that they break. */
const readLaunch = (
  simulator: Simulator,
  request: PlainRequest,
  clientId: string | null,
  client: RegisteredClient | null,
  session: Session | null
): Either.Either<BrokenRule, Launch> => {
  const parameters = readForm(request.query)
  const unread = firstBroken(launchQueryRules, { parameters }, launchAdvice)
  if (unread !== null) return Either.left(unread)
  const value = (name: string): string | null => (Either.isRight(parameters) ? valueOf(parameters.right, name) : null)
  const { config, setting } = simulator
  const namedUser = value('user') ?? setting.user ?? null
  const username = namedUser ?? session?.username ?? config.users[0]?.username ?? ''
  const [launchUri, patient, encounter, intent] = [
    value('launch_uri') ?? setting.app?.launch_uri ?? null,
    value('patient') ?? setting.patient ?? null,
    value('encounter') ?? setting.encounter ?? null,
    value('intent') ?? setting.intent ?? null
  ]
  const user = simulator.userNamed(username)
  const facts = { clientId, client, launchUri, user, patient, encounter, intent, setting, simulator }
  const refused = firstBroken(desktopLaunchRules, facts, launchAdvice)
  if (refused !== null) return Either.left(refused)
  return Either.right({
    launchUri: launchUri ?? '',
    redirectUris: client?.redirectUris ?? [],
    appName: client?.clientName ?? '',
    username,
    namedUser,
    request,
    session,
    // The page around a frame was checked.
    isUnchecked: value('unchecked') === 'yes' || value('framed') === 'yes',
    offer: {
      clientId: client?.clientId ?? '',
      launchedBy: subjectOf(username),
      context: contextOfLaunch(setting, { patient, encounter, intent, isFramed: value('framed') === 'yes' })
    }
  })
}

/** The launch that is not possible, as far as it is known. */
interface ImpossibleLaunch {
  readonly request: PlainRequest
  /** The id in the address or the setting; null for none. */
  readonly clientId: string | null
  /** Null if there is no app of that id. */
  readonly appName: string | null
}

/** The launch page with what the address and the setting of a launch say. */
const panelOfRequest = ({ homePath, setting }: Simulator, { clientId, request }: ImpossibleLaunch): string => {
  const parameters = readForm(request.query)
  const said = (['user', 'patient', 'encounter', 'intent'] as const).flatMap((name) => {
    const value = Either.isRight(parameters) ? valueOf(parameters.right, name) : null
    return value === null ? [] : [[name, value] as const]
  })
  const query = queryOfSetting({ ...setting, ...Object.fromEntries(said) }, 'ehr', clientId ?? '')
  return `${homePath}/?${query}${request.path.endsWith('/ehr/frame') ? '&frame=yes' : ''}`
}

/** The page that says why a launch is not possible. It names the app, and leads to the launch page with the launch. */
export const impossibleLaunch = (
  simulator: Simulator,
  status: number,
  launch: ImpossibleLaunch,
  reason: Html,
  ways: ReadonlyArray<Html> = []
): PlainResponse => {
  const { homePath } = simulator
  const { appName, clientId } = launch
  const named =
    clientId === null ? emptyHtml : html`<p>The app: ${appNamed({ id: clientId, name: appName ?? clientId })}.</p>`
  return cardPage(
    homePath,
    status,
    'This launch is not possible',
    html`${notice('bad', html`<p>${reason}</p>`)}
${named}
${actions([
  ...ways,
  linkButton(panelOfRequest(simulator, launch), html`Change this launch`, ways.length === 0 ? 'main' : 'normal'),
  toLaunchPage(homePath)
])}
<p class="quiet"><a ${{ html: logLink(homePath) }}>The log of this server</a> says more.</p>`
  )
}

/** The launch of a request that every rule accepts; left with the page that says what is wrong. */
export const checkedLaunch = (simulator: Simulator) => {
  const { recordOwn, server, sessions } = simulator
  const clientWith = (clientId: string): TaskEither.TaskEither<Refusal, Option.Option<RegisteredClient>> =>
    TaskEither.mapLeft((): Refusal => ({ _tag: 'StoreUnavailable' }))(server.admin.client(clientId))
  return (request: PlainRequest): TaskEither.TaskEither<PlainResponse, Launch> => {
    const parameters = readForm(request.query)
    const named = Either.isLeft(parameters) ? null : valueOf(parameters.right, 'client_id')
    const clientId = named ?? simulator.setting.app?.client_id ?? null
    if (request.method !== 'GET') {
      recordOwn({ rule: 'LaunchMethodWrong' })()
      const launch = { request, clientId, appName: null }
      const refused = impossibleLaunch(simulator, 405, launch, html`Launches are started with GET.`)
      return TaskEither.left({ ...refused, headers: { ...refused.headers, allow: 'GET' } })
    }
    return pipe(
      TaskEither.Do,
      TaskEither.apS('session', sessions.of(request)),
      TaskEither.apS('client', clientId === null ? TaskEither.right(Option.none) : clientWith(clientId)),
      TaskEither.mapLeft(simulator.refused),
      TaskEither.chainEitherK(({ client, session }) =>
        pipe(
          readLaunch(simulator, request, clientId, Option.toNullable(client), session),
          Either.mapLeft((broken) => {
            recordOwn({ rule: 'LaunchImpossible', broken, clientId: Option.isSome(client) ? clientId : null })()
            const appName = Option.isSome(client) ? client.value.clientName : null
            return impossibleLaunch(simulator, 400, { request, clientId, appName }, html`${broken.sentence}`)
          })
        )
      )
    )
  }
}

/** An address with one more parameter in its query. */
export const withLaunchParameter = (path: string, query: string, parameter: string): string =>
  `${path}?${query}${query === '' ? '' : '&'}${parameter}`

/** The launch page with what a launch says. */
export const panelWith = (
  { homePath, setting }: Simulator,
  { namedUser, offer }: Launch,
  isFramed: boolean
): string => {
  const { encounter, intent, patient } = offer.context
  const said = {
    ...setting,
    ...(namedUser === null ? noMembers : { user: namedUser }),
    ...(patient === undefined ? noMembers : { patient }),
    ...(encounter === undefined ? noMembers : { encounter }),
    ...(intent === undefined ? noMembers : { intent })
  }
  return `${homePath}/?${queryOfSetting(said, 'ehr', offer.clientId)}${isFramed ? '&frame=yes' : ''}`
}

/**
 * The page that a browser gets in place of a launch, if nothing answers at the launch URI; null if something does, and
 * for programs.
 */
export const silentInstead =
  (simulator: Simulator, place: 'launch' | 'frame') =>
  (launch: Launch): Task.Task<PlainResponse | null> => {
    const { isUnchecked, launchUri, request } = launch
    if (isUnchecked || !isForBrowser(request)) return Task.of(null)
    const { basePath, homePath } = simulator
    const path = `${basePath}/ehr/${place}`
    return pipe(
      isSilent(simulator, launchUri),
      Task.map((silent) =>
        silent
          ? cardPage(
              homePath,
              200,
              'The app does not answer',
              silentLaunch(homePath, {
                launchUri,
                again: `${path}?${request.query}`,
                anyway: withLaunchParameter(path, request.query, uncheckedParameter),
                panel: panelWith(simulator, launch, place === 'frame')
              })
            )
          : null
      )
    )
  }

/** Signs the demo user in, makes a launch handle, and redirects the browser to the app. */
export const ehrLaunch = (simulator: Simulator): RequestHandler => {
  const { homePath, isSecure, server, sessions } = simulator
  const checked = checkedLaunch(simulator)
  /** A user with a session is not signed in again. */
  const sessionFor = ({ session, username }: Launch): Session =>
    session?.username === username ? session : sessions.next(username, systemClock.now())
  const begin = (launch: Launch): Task.Task<PlainResponse> =>
    pipe(
      TaskEither.Do,
      TaskEither.apS('handle', server.ehr.offerLaunch(launch.offer)),
      TaskEither.bind('value', () => sessions.start(launch.request, sessionFor(launch))),
      TaskEither.match(simulator.refused, ({ handle, value }) =>
        seeOther(launchUrl(launch.launchUri, server.facts.fhirBaseUrl, handle), {
          'set-cookie': setCookie(sessionCookie, value, homePath, isSecure)
        })
      )
    )
  const unlessSilent = (launch: Launch): Task.Task<PlainResponse> =>
    pipe(
      silentInstead(simulator, 'launch')(launch),
      Task.chain((silent) => (silent === null ? begin(launch) : Task.of(silent)))
    )
  return (request) =>
    TaskEither.getOrElse(Task.of<PlainResponse>)(pipe(checked(request), TaskEither.chainTaskK(unlessSilent)))
}
