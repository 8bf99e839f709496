/** The link of a launch: what the browser opens, or what a backend service needs. */
import type { LaunchKind } from './launch-form.js'
import { baseUrlWith } from '../settings/setting-servers.js'
import type { LaunchSetting } from '../settings/setting.js'
import type { Parameters } from '../../protocol/http/form.js'
import { below, withParameters } from '../../values/urls.js'

/** The addresses of a launch. */
export interface LaunchLink {
  readonly kind: LaunchKind
  /** What the browser opens; null for a backend service, and for an app without a launch URL. */
  readonly url: string | null
  /** The launch URL of the app; null for a backend service, and for an app without one that is opened by itself. */
  readonly launchUri: string | null
  readonly clientId: string
  /** Where the app gets its answers; empty for a backend service. */
  readonly redirectUris: ReadonlyArray<string>
  readonly base: string
  readonly fhirBaseUrl: string
  readonly discovery: string
  readonly tokenEndpoint: string
}

/** The link of a launch. `isFramed` opens the app in a frame below a banner. */
export const linkOf = (
  publicBaseUrl: string,
  setting: LaunchSetting,
  {
    clientId,
    isFramed,
    kind,
    launchUri,
    redirectUris = []
  }: {
    readonly kind: LaunchKind
    readonly clientId: string
    readonly launchUri: string | null
    readonly redirectUris?: ReadonlyArray<string>
    readonly isFramed: boolean
  }
): LaunchLink => {
  const base = baseUrlWith(publicBaseUrl, setting)
  const fhirBaseUrl = below(base, 'fhir')
  const url =
    kind === 'backend' || launchUri === null
      ? null
      : kind === 'standalone'
        ? withParameters(launchUri, [['iss', fhirBaseUrl]])
        : withParameters(below(base, isFramed ? 'ehr/frame' : 'ehr/launch'), [
            ['client_id', clientId],
            ['launch_uri', launchUri]
          ])
  return {
    kind,
    url,
    launchUri,
    clientId,
    redirectUris: kind === 'backend' ? [] : redirectUris,
    base,
    fhirBaseUrl,
    discovery: below(fhirBaseUrl, '.well-known/smart-configuration'),
    tokenEndpoint: below(base, 'token')
  }
}

/** The fields that say what the form shows, and nothing about the launch. */
const shownOnly: ReadonlyArray<string> = ['name', 'sex', 'born', 'listed', 'page', 'show', 'go']

/** The filled-in fields of a form, as they stand in an address. */
const filledIn = (form: Parameters, leftOut: ReadonlyArray<string>): ReadonlyArray<readonly [string, string]> =>
  [...form].flatMap(([name, values]) =>
    leftOut.includes(name) ? [] : values.flatMap((value) => (value === '' ? [] : [[name, value] as const]))
  )

/** The fields of a form but its secret, for the address of a page that leads back to it. */
export const withoutSecret = (form: Parameters): ReadonlyArray<readonly [string, string]> =>
  filledIn(form, ['client_secret'])

/** The address of the page of a link, with the fields that its form has filled in. */
export const linkPageAddress = (publicBaseUrl: string, form: Parameters): string =>
  withParameters(below(publicBaseUrl, 'ehr/link'), filledIn(form, shownOnly))
