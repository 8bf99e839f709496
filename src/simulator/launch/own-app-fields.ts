/** The fields of an app by its URLs: what is missing, and what is wrong with an address. */
import type { OwnApp } from '../settings/own-app.js'
import { wrongAddressIn } from '../settings/own-app.js'
import { quoted } from '../../values/shown-text.js'

/** The labels of the fields. A complaint about a field begins with its label and a colon. */
export const ownAppLabels = {
  launchUri: 'Launch URL',
  redirectUris: 'Redirect URLs',
  clientId: 'client_id',
  clientName: 'client_name',
  scope: 'Scope'
} as const

/** The fields, as texts. */
interface OwnAppFields {
  readonly kind: string
  readonly launch_uri: string
  readonly redirect_uris: string
  readonly client_id: string
}

/** The complaint about the first field that this kind of launch needs and that is empty; null for none. */
export const missingOwnAppField = ({ client_id, kind, launch_uri, redirect_uris }: OwnAppFields): string | null => {
  if (launch_uri === '' && (kind === 'ehr' || kind === 'portal'))
    return (
      `${ownAppLabels.launchUri}: enter the address at which the app is launched, for example ` +
      'http://localhost:3000/launch. An app that has none is launched by itself.'
    )
  if (redirect_uris === '' && kind !== 'backend')
    return `${ownAppLabels.redirectUris}: enter at least one address, for example http://localhost:3000/callback.`
  return client_id === '' ? `${ownAppLabels.clientId}: enter the id that the app sends.` : null
}

/** The complaint about the addresses of an app, which names the first one that cannot be used; null for none. */
export const wrongOwnAppAddress = (app: OwnApp): string | null => {
  const wrong = wrongAddressIn(app)
  if (wrong === null) return null
  const label = wrong.member === 'launch_uri' ? ownAppLabels.launchUri : ownAppLabels.redirectUris
  return `${label}: expected ${wrong.expected}; found ${quoted(wrong.address)}.`
}
