/**
 * The data that the parts of the simulator share.
 *
 * @module
 */
import type * as Either from 'fp-ts/lib/Either.js'
import type { IO } from 'fp-ts/lib/IO.js'
import type { Config, UserEntry } from './config/config.js'
import type { FhirBackend } from './fhir/upstream.js'
import type { GrantElsewhere, GrantFacts } from './pages/connected-apps.js'
import type { LogLine } from './log/log-line.js'
import type { OwnRefusal } from './log/own-refusal.js'
import type { Registrar } from './host/apps/registrar.js'
import type { AppContact } from './host/running-app.js'
import type { Sessions } from './host/sessions.js'
import type { LaunchSetting } from './settings/setting.js'
import type { Choice } from './fhir/synthetic-data.js'
import type { AccessEvent } from '../protocol/access/access-event.js'
import type { AuthorizationServer } from '../engine/server/authorization-server.js'
import type { PageLinks } from '../engine/ports.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import type { PlainResponse } from '../protocol/http/message.js'

/** The data that the parts of the simulator share. */
export interface Simulator {
  readonly config: Config
  /** What the address of the server says about launches; nothing at the public base URL. */
  readonly setting: LaunchSetting
  /** The path of the issuer, without a slash at the end. */
  readonly basePath: string
  /** The path of the public base URL, below which the launch page, its style sheet and the session of users are. */
  readonly homePath: string
  readonly isSecure: boolean
  readonly server: AuthorizationServer
  /** Registers apps for the pages. */
  readonly registrar: Registrar
  /** Page links that open in all simulators on one store. */
  readonly pageLinks: PageLinks
  readonly behind: FhirBackend
  /** The base URLs in the data of the FHIR server that stand for this server's. */
  readonly aliases: ReadonlyArray<string>
  readonly sessions: Sessions
  /** The patients whom a user may see, and their encounters. */
  readonly patientsOf: (user: UserEntry | undefined) => ReadonlyArray<Choice>
  readonly encountersOf: (user: UserEntry | undefined) => ReadonlyArray<Choice>
  readonly userNamed: (username: string) => UserEntry | undefined
  /** The user whom a `sub` names. */
  readonly userOf: (sub: string) => UserEntry | undefined
  /** What the page of connected apps says about a grant besides its scopes. */
  readonly grantFacts: (grantId: string) => Promise<GrantFacts>
  /** Asks apps whether they run, before they are launched. */
  readonly contact: AppContact
  /** The ids of the registered apps that have a redirect URI. */
  readonly idsWith: (redirectUri: string) => Promise<ReadonlyArray<string>>
  /** The open grants of a user at the other servers of this simulator, the newest first. */
  readonly grantsElsewhere: (sub: string) => Promise<ReadonlyArray<GrantElsewhere>>
  /** Ends one of those grants, which `handle` stands for. It does nothing if the user has no such grant. */
  readonly endElsewhere: (sub: string, handle: string) => Promise<Either.Either<Refusal, unknown>>
  /** The page for a refusal by the host itself, when the store does not answer. */
  readonly refused: (refusal: Refusal) => PlainResponse
  /** The lines of the log, the newest first. */
  readonly lines: () => ReadonlyArray<LogLine>
  /** The newest refusal of the request that is being answered; null if nothing was refused in it. */
  readonly refusedHere: () => LogLine | null
  /** Writes a refusal by the host itself to the audit log. */
  readonly record: (refusal: Refusal, grantId: string | null) => IO<void>
  /** Writes a refusal at an address of the simulator itself to the log. */
  readonly recordOwn: (refusal: OwnRefusal) => IO<void>
  /** Writes a FHIR interaction to the audit log. */
  readonly recordAccess: (event: AccessEvent) => IO<void>
}
