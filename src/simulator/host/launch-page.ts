/** `/` and `/ehr/link`: the launch page, and the link that its form makes. */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { desktopLaunchRules } from './ehr-launch.js'
import { isSilent } from './running-app.js'
import type { UserEntry } from '../config/config.js'
import type { Simulator } from '../context.js'
import { page } from '../design/shell.js'
import { holdsPrivateKey, privateKeyComplaint } from '../launch/keys-field.js'
import { ownAppLabels } from '../launch/own-app-fields.js'
import type { LaunchFields, LaunchKind } from '../launch/launch-form.js'
import {
  appLabel,
  isSearchByEnter,
  leftOutFields,
  ownAppOption,
  ownAppValue,
  readFields,
  settingOf
} from '../launch/launch-form.js'
import type { LaunchLink } from '../launch/launch-link.js'
import { linkOf, linkPageAddress, withoutSecret } from '../launch/launch-link.js'
import type { FoundPatients } from '../launch/launch-patients.js'
import { findPatients, patientRows } from '../launch/launch-patients.js'
import type { LaunchPanel } from '../pages/launch.js'
import type { AppChoice } from '../pages/own-app.js'
import { launchLinkPage, leftOutNotice, linkTitle } from '../pages/launch-link.js'
import type { LaunchSetting } from '../settings/setting.js'
import { anyUser } from '../config/user-subject.js'
import { checkIdFree } from '../settings/own-app.js'
import { html } from '../../host/html.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import type { RegisteredClient } from '../../protocol/client/client.js'
import type { Parameters } from '../../protocol/http/form.js'
import { printForm, readForm, valueOf } from '../../protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { seeOther } from '../../protocol/http/message.js'
import { firstRefusal } from '../../protocol/machine/rules.js'
import { completePolicy } from '../../protocol/policy/policy.js'
import { quoted } from '../../values/shown-text.js'
import { withParameters } from '../../values/urls.js'

/** The form of a request; an unreadable query is empty. */
const formIn = ({ query }: PlainRequest): Parameters => {
  const form = readForm(query)
  return Either.isRight(form) ? form.right : new Map()
}

/** The fields of a request. */
export const panelFields = (request: PlainRequest): LaunchFields => readFields(formIn(request))

/** The parameter of a launch page from which a private key was removed. */
const removedParameter = ['removed', 'private-key'] as const

/** The complaint of a launch page to which a request was redirected; null for none. */
export const redirectedComplaint = (request: PlainRequest): string | null => {
  const [name, value] = removedParameter
  return valueOf(formIn(request), name) === value ? privateKeyComplaint : null
}

/**
 * The handler of a form whose query holds no private key. With one the browser is sent to the page without it, because
 * browsers keep the addresses of pages, and the address of the link page is part of a link.
 */
export const withoutPrivateKey =
  ({ homePath }: Pick<Simulator, 'homePath'>, handler: RequestHandler): RequestHandler =>
  (request) => {
    const form = readForm(request.query)
    if (Either.isLeft(form) || form.right.get('keys')?.some(holdsPrivateKey) !== true) return handler(request)
    const kept = [...form.right].flatMap(([name, values]) =>
      name === 'keys' || name === 'go' ? [] : values.map((value) => [name, value] as const)
    )
    return Task.of(seeOther(`${homePath}/?${printForm([...kept, removedParameter])}`))
  }

/** Whether the form says that the launch names no user. */
const namesNoUser = ({ user }: LaunchFields): boolean => user === anyUser

/**
 * The user of the form: the first one unless it names another. If the launch names no user, it is the first one who may
 * see the patient.
 */
const userIn = ({ config, patientsOf, userNamed }: Simulator, fields: LaunchFields): UserEntry | undefined => {
  const { patient, user } = fields
  if (user !== '' && !namesNoUser(fields)) return userNamed(user)
  const seeing = (one: UserEntry): boolean => patientsOf(one).some(({ id }) => id === patient)
  return (namesNoUser(fields) && patient !== '' ? config.users.find(seeing) : undefined) ?? config.users[0]
}

/** The patient of a user who is a patient; null for any other user. */
const ownPatient = (user: UserEntry | undefined): string | null =>
  /^Patient\/(.+)$/.exec(user?.fhirUser ?? '')?.[1] ?? null

/** A form of a portal that names no user has one who is a patient. */
const userOfPortal = ({ config }: Simulator, { kind, user }: LaunchFields): string =>
  kind === 'portal' && user === '' ? (config.users.find((one) => ownPatient(one) !== null)?.username ?? '') : user

/** The users who are patients, for a sentence. */
const patientUsers = ({ config }: Simulator): string =>
  config.users
    .filter((one) => ownPatient(one) !== null)
    .map(({ username }) => username)
    .join(', ') || 'none'

/** The complaint about the user and the patient of the form; null for none. */
const personComplaint = (simulator: Simulator, fields: LaunchFields): string | null => {
  const user = userIn(simulator, fields)
  if (user === undefined)
    return `User: there is no user ${quoted(fields.user)}. Here: ${simulator.config.users
      .map(({ username }) => username)
      .join(', ')}.`
  return fields.patient === '' || simulator.patientsOf(user).some(({ id }) => id === fields.patient)
    ? null
    : `Patient: ${user.username} may not see that patient, or there is no patient ${quoted(fields.patient)}.`
}

/** The complaint about what the page was requested to show; null for none. */
const shownComplaint = (
  simulator: Simulator,
  apps: ReadonlyArray<AppChoice>,
  fields: LaunchFields,
  { page: current, pages }: FoundPatients
): string | null => {
  const { app, born, encounter, kind, page: wanted, patient, sex, show } = fields
  if (app !== '' && app !== ownAppValue && !apps.some(({ id }) => id === app))
    return `${appLabel}: there is no app ${quoted(app)}.`
  const person = personComplaint(simulator, fields)
  if (person !== null) return person
  if (sex !== '' && !/^(?:female|male|other|unknown)$/.test(sex))
    return `Sex: expected female, male, other or unknown; found ${quoted(sex)}.`
  if (born !== '' && !/^[0-9]{4}(?:-[0-9]{2})?(?:-[0-9]{2})?$/.test(born))
    return `Birth date: expected a year, a month or a day, as 1961, 1961-04 or 1961-04-12; found ${quoted(born)}.`
  if (wanted !== '' && wanted !== String(current))
    return `Page: there is no page ${quoted(wanted)}. The last one is ${String(pages)}.`
  if (patient !== '' || kind === 'portal') return null
  if (show === 'encounters') return 'Patient: choose the one whose encounters are to be shown.'
  return encounter === '' ? null : foreignEncounter(simulator, fields)
}

/** The kind of launch: that of the form, or else the first that the app can have. */
const kindFor = (apps: ReadonlyArray<AppChoice>, { app, isKindGiven, kind }: LaunchFields): LaunchKind => {
  const chosen = apps.find(({ id }) => id === app)
  if (isKindGiven || chosen === undefined || chosen.origin !== undefined) return kind
  return chosen.isForUsers ? 'standalone' : 'backend'
}

/** The launch page for the fields of a form. */
export const panelOf = (
  simulator: Simulator,
  apps: ReadonlyArray<AppChoice>,
  given: LaunchFields,
  complaint: string | null
): LaunchPanel => {
  const { behind, config, encountersOf, homePath, patientsOf } = simulator
  const requested = { ...given, user: userOfPortal(simulator, given) }
  // A user who is not known is complained about, and the first one is shown.
  const user = userIn(simulator, requested) ?? config.users[0]
  const fields: LaunchFields = {
    ...given,
    kind: kindFor(apps, given),
    user: namesNoUser(given) ? anyUser : (user?.username ?? ''),
    // A patient portal opens the own record, unless another one was chosen.
    patient: given.kind === 'portal' && given.patient === '' ? (ownPatient(user) ?? '') : given.patient,
    app: given.app === '' ? (apps[0]?.id ?? ownAppValue) : given.app
  }
  const rows = patientRows(patientsOf(user), behind.resources())
  const chosen = rows.find(({ id }) => id === fields.patient) ?? null
  const patients = findPatients(rows, fields)
  return {
    homePath,
    fields,
    apps,
    users: config.users,
    patients,
    chosen,
    encounters: chosen === null ? [] : encountersOf(user).filter(({ patient }) => patient === chosen.id),
    release: completePolicy(config.policy).specVersion,
    complaint: complaint ?? given.wrongChoice ?? shownComplaint(simulator, apps, requested, patients)
  }
}

/** A launch that the form describes. */
interface MadeLink {
  readonly link: LaunchLink
  readonly setting: LaunchSetting
}

/** Whether the encounter of the form is one of its patient, or none. */
const hasEncounter = (simulator: Simulator, fields: LaunchFields): boolean =>
  fields.encounter === '' ||
  simulator
    .encountersOf(userIn(simulator, fields))
    .some(({ id, patient }) => id === fields.encounter && patient === fields.patient)

const foreignEncounter = (simulator: Simulator, fields: LaunchFields): string => {
  const { encounter, patient } = fields
  const chosen = simulator.patientsOf(userIn(simulator, fields)).find(({ id }) => id === patient)
  return chosen === undefined
    ? `Patient: choose the one of the encounter ${quoted(encounter)}, or launch without an encounter.`
    : `Encounter: ${quoted(encounter)} is none of ${quoted(chosen.label)}. Choose another one, or none.`
}

/** The link of a form; left with a sentence for the launch page. */
const linkFor = (
  simulator: Simulator,
  given: LaunchFields,
  client: RegisteredClient | null
): Either.Either<string, MadeLink> => {
  const { config } = simulator
  const user = userIn(simulator, { ...given, user: userOfPortal(simulator, given) })
  const patientOfUser = ownPatient(user)
  const isForUser = given.kind !== 'backend'
  if (user !== undefined && given.kind === 'portal' && patientOfUser === null)
    return Either.left(`User: a patient portal is for users who are patients. Here: ${patientUsers(simulator)}.`)
  if (given.frame !== '' && given.kind === 'ehr' && given.patient === '')
    return Either.left('Frame: choose a patient for the banner.')
  const isPortal = given.kind === 'portal'
  const isFromEhr = given.kind === 'ehr' || isPortal
  const fields: LaunchFields = {
    ...given,
    user: namesNoUser(given) ? anyUser : (user?.username ?? given.user),
    patient: isPortal && given.patient === '' ? (patientOfUser ?? '') : given.patient
  }
  const person = isForUser ? personComplaint(simulator, fields) : null
  if (person !== null) return Either.left(person)
  if (isForUser && !hasEncounter(simulator, fields)) return Either.left(foreignEncounter(simulator, fields))
  const release = completePolicy(config.policy).specVersion
  return pipe(
    settingOf(fields, release),
    Either.chain((setting): Either.Either<string, MadeLink> => {
      const { app } = setting
      if (app !== undefined && checkIdFree(config, app) !== null)
        return Either.left(
          `${ownAppLabels.clientId}: a resource server of the configuration has the id ${app.client_id ?? ''}. Use ` +
            'another one.'
        )
      if (app === undefined && fields.app === '')
        return Either.left(`${appLabel}: choose one. The field app is missing.`)
      if (app === undefined && client === null)
        return Either.left(`${appLabel}: there is no app ${quoted(fields.app)}.`)
      // Whom a link signs in is decided by who makes it.
      if (isForUser && given.user === '') return Either.left('User: choose one. The field user is missing.')
      const launchUri =
        app === undefined
          ? (client?.launchUris.find((uri) => uri === fields.launch_uri) ?? client?.launchUris[0] ?? null)
          : (app.launch_uri ?? null)
      if (isFromEhr && launchUri === null)
        return Either.left(`${appLabel}: this one has no launch URL. It can be launched by itself.`)
      if (isFromEhr) {
        const refused = firstRefusal(desktopLaunchRules, {
          clientId: client?.clientId ?? null,
          client: client ?? ({ launchUris: [launchUri] } as unknown as RegisteredClient),
          launchUri,
          user,
          patient: setting.patient ?? null,
          encounter: setting.encounter ?? null,
          intent: setting.intent ?? null,
          setting,
          simulator
        })
        if (refused !== null) return Either.left(refused)
      }
      if (fields.kind === 'backend' && client?.grantTypes.includes('client_credentials') === false)
        return Either.left(
          `${appLabel}: ${quoted(client.clientName)} is no backend service: it lacks the grant type ` +
            `client_credentials. Choose "${ownAppOption}", or register one with the authentication ` +
            'private_key_jwt on the page Apps.'
        )
      const link = linkOf(config.publicBaseUrl, setting, {
        kind: fields.kind,
        clientId: app?.client_id ?? client?.clientId ?? '',
        launchUri,
        redirectUris: app === undefined ? (client?.redirectUris ?? []) : (app.redirect_uris ?? []),
        isFramed: fields.frame !== ''
      })
      return Either.right({ link, setting })
    })
  )
}

/** `/ehr/link`: the link of the form, or the launch itself; with a complaint, the launch page again. */
export const launchLink = (
  simulator: Simulator,
  showPanel: (request: PlainRequest, fields: LaunchFields, complaint: string) => Task.Task<PlainResponse>
): RequestHandler => {
  const { homePath, refused, server } = simulator
  const linkPage = (
    request: PlainRequest,
    link: LaunchLink,
    leftOut: ReadonlyArray<string>,
    silent = false
  ): PlainResponse =>
    page({
      homePath,
      title: linkTitle(link),
      layout: 'desk',
      current: 'launch',
      scripts: [`${homePath}/ehr/copy.js`],
      body: html`${leftOutNotice(leftOut)}${launchLinkPage(link, {
        address: linkPageAddress(simulator.config.publicBaseUrl, formIn(request)),
        back: withParameters(`${homePath}/`, withoutSecret(formIn(request))),
        silent
      })}`
    })
  return (request) => {
    const fields = panelFields(request)
    if (isSearchByEnter(fields)) return Task.of(seeOther(`${homePath}/?${request.query}#patients`))
    const isLaunch = fields.go === 'launch' || fields.go === 'enter'
    const client =
      fields.app === ownAppValue || fields.app === '' ? TaskEither.right(Option.none) : server.admin.client(fields.app)
    return pipe(
      client,
      TaskEither.foldW(
        () => Task.of(refused({ _tag: 'StoreUnavailable' })),
        (found) => {
          const { wrongChoice } = fields
          const made: Either.Either<string, MadeLink> =
            wrongChoice === null ? linkFor(simulator, fields, Option.toNullable(found)) : Either.left(wrongChoice)
          if (Either.isLeft(made)) return showPanel(request, fields, made.left)
          const { link } = made.right
          const leftOut = leftOutFields(fields)
          if (!isLaunch || link.url === null || link.launchUri === null || leftOut.length > 0)
            return Task.of(linkPage(request, link, leftOut))
          const { url } = link
          return pipe(
            isSilent(simulator, link.launchUri),
            Task.map((silent) => (silent ? linkPage(request, link, leftOut, true) : seeOther(url)))
          )
        }
      )
    )
  }
}
