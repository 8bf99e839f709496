/** The server of a line of the log: the simulator itself, or a server of a launch setting. */
import * as Either from 'fp-ts/lib/Either.js'
import type { Config } from '../config/config.js'
import type { LaunchSetting } from '../settings/setting.js'
import { decodeSetting } from '../settings/setting.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import { completePolicy } from '../../protocol/policy/policy.js'
import { ownMember } from '../../values/own.js'
import { below, pathOf } from '../../values/urls.js'

/** The release of the specification. */
export type Release = SmartPolicy['specVersion']

/** The server of a request: its issuer, its launch setting, and the release of the specification that it serves. */
export interface LineServer {
  readonly issuer: string
  readonly fhirBaseUrl: string
  readonly release: Release
  /** Null for the simulator itself, and for an address whose setting cannot be read. */
  readonly setting: LaunchSetting | null
}

/** The server at a path, and whether the path is below its FHIR base. */
export const serverAt = (
  config: Pick<Config, 'policy' | 'publicBaseUrl'>,
  path: string
): { readonly server: LineServer; readonly isFhir: boolean } => {
  const home = pathOf(config.publicBaseUrl)
  const [, encoded = null] = /^\/sim\/([^/]+)/.exec(path.slice(home.length)) ?? []
  const issuer = encoded === null ? config.publicBaseUrl : below(config.publicBaseUrl, `sim/${encoded}`)
  const own = completePolicy(config.policy).specVersion
  const decoded = encoded === null ? null : decodeSetting(encoded, own)
  const setting = decoded === null || Either.isLeft(decoded) ? null : decoded.right
  const release = (setting === null ? undefined : ownMember(setting, 'spec')) ?? own
  const fhirBaseUrl = below(issuer, 'fhir')
  const fhirPath = pathOf(fhirBaseUrl)
  return {
    server: { issuer, fhirBaseUrl, release, setting },
    isFhir: path === fhirPath || path.startsWith(`${fhirPath}/`)
  }
}

/** Canonical JSON of an object with a member begins with `{"` and a letter: in base64url with these characters. */
const encodedObject = /eyJ[A-Za-z0-9_-]{8,}/g

/**
 * A text in which launch settings are written as `...`: they are long, they can hold the secret of an app, and pages
 * show them in words. Also where the address around them is wrong, or encoded once more.
 */
export const withoutSettings = (text: string): string =>
  text.replaceAll(/\/sim\/[A-Za-z0-9_-]{3,}/g, '/sim/...').replaceAll(encodedObject, '...')
