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
  applicationType: 'Type of app',
  scope: 'Scope'
} as const

/** The fields, as texts. */
interface OwnAppFields {
  readonly kind: string
  readonly launch_uri: string
  readonly redirect_uris: string
  readonly client_id: string
}

/** A field that a kind of launch needs: its label, and what the user must do. */
type NeededField = readonly [label: string, request: string]

/** The empty fields that this kind of launch needs, in the order of the form. */
const emptyFields = ({ client_id, kind, launch_uri, redirect_uris }: OwnAppFields): ReadonlyArray<NeededField> => [
  ...(launch_uri === '' && (kind === 'ehr' || kind === 'portal')
    ? [
        [
          ownAppLabels.launchUri,
          'enter the address at which the app is launched, for example http://localhost:3000/launch. An app that has ' +
            'none is launched by itself.'
        ] as const
      ]
    : []),
  ...(redirect_uris === '' && kind !== 'backend'
    ? [[ownAppLabels.redirectUris, 'enter at least one address, for example http://localhost:3000/callback.'] as const]
    : []),
  ...(client_id === '' ? [[ownAppLabels.clientId, 'enter the id that the app sends.'] as const] : [])
]

/**
 * The complaint about the first field that this kind of launch needs and that is empty, which names the others; null
 * for none.
 */
export const missingOwnAppField = (fields: OwnAppFields): string | null => {
  const [first, ...others] = emptyFields(fields)
  if (first === undefined) return null
  const complaint = `${first[0]}: ${first[1]}`
  return others.length === 0 ? complaint : `${complaint} Also empty: ${others.map(([label]) => label).join(', ')}.`
}

/** The complaint about the addresses of an app, which names the first one that cannot be used; null for none. */
export const wrongOwnAppAddress = (app: OwnApp): string | null => {
  const wrong = wrongAddressIn(app)
  if (wrong === null) return null
  const label = wrong.member === 'launch_uri' ? ownAppLabels.launchUri : ownAppLabels.redirectUris
  const meant = wrong.meant === null ? '' : ` ${wrong.meant}`
  return `${label}: expected ${wrong.expected}; found ${quoted(wrong.address)}.${meant}`
}
