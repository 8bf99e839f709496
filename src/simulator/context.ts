/**
 * The data that the parts of the simulator share.
 *
 * @module
 */
import type { IO } from 'fp-ts/lib/IO.js'
import type { Config, UserEntry } from './config/config.js'
import type { FhirBackend } from './fhir/upstream.js'
import type { Sessions } from './host/sessions.js'
import type { Choice } from './fhir/synthetic-data.js'
import type { AccessEvent } from '../protocol/access/access-event.js'
import type { AuthorizationServer } from '../engine/server/authorization-server.js'
import type { Clients, Keys, PageLinks } from '../engine/ports.js'
import type { ServerName } from '../engine/server/server-name.js'
import type { RegistrationSettings } from '../engine/server/settings.js'
import type { LaunchSetting } from './settings/setting.js'
import type { GrantList } from './store/grant-list.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import type { PlainResponse } from '../protocol/http/message.js'

/** The parts of a simulator that are made before its server, and that the servers of launch settings share. */
export interface Prepared {
  readonly keys: Keys
  readonly clients: Clients
  readonly registration: RegistrationSettings
  readonly behind: FhirBackend
  readonly list: GrantList
  readonly name: ServerName
  /** What the link of the launch says; missing for the simulator itself. */
  readonly setting?: LaunchSetting
}

/** The data that the parts of the simulator share. */
export interface Simulator {
  readonly config: Config
  readonly basePath: string
  readonly isSecure: boolean
  readonly server: AuthorizationServer
  /** Page links that open in all simulators on one store. */
  readonly pageLinks: PageLinks
  readonly behind: FhirBackend
  readonly sessions: Sessions
  /** The patients whom a user may see, and their encounters. */
  readonly patientsOf: (user: UserEntry | undefined) => ReadonlyArray<Choice>
  readonly encountersOf: (user: UserEntry | undefined) => ReadonlyArray<Choice>
  readonly userNamed: (username: string) => UserEntry | undefined
  /** The user whom a `sub` names. */
  readonly userOf: (sub: string) => UserEntry | undefined
  /** The page for a refusal by the host itself, when the store does not answer. */
  readonly refused: (refusal: Refusal) => PlainResponse
  /** Writes a refusal by the host itself to the audit log. */
  readonly record: (refusal: Refusal, grantId: string | null) => IO<void>
  /** Writes a FHIR interaction to the audit log. */
  readonly recordAccess: (event: AccessEvent) => IO<void>
}
