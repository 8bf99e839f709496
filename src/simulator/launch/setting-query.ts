/** The query of the launch page whose form describes a launch setting: the way back from a launch to its form. */
import type { LaunchKind } from './launch-form.js'
import { ownAppValue } from './launch-form.js'
import { holdsPrivateKey } from './keys-field.js'
import type { LaunchSetting } from '../settings/setting.js'
import { anyUser } from '../config/user-subject.js'
import { printForm } from '../../protocol/http/form.js'

/** The text of the field for keys: an address, or public keys. */
const keysIn = ({ jwks, jwks_uri = '' }: NonNullable<LaunchSetting['app']>): string => {
  const text = jwks === undefined ? jwks_uri : JSON.stringify(jwks)
  return holdsPrivateKey(text) ? '' : text
}

/**
 * The fields of a launch as a query: those that the setting fills in. A secret and private keys are left out, because
 * browsers keep addresses. `clientId` is the app, unless the setting contains one.
 */
export const queryOfSetting = (
  {
    app,
    banner,
    context,
    encounter,
    intent,
    misbehavior,
    patient,
    skip = [],
    spec,
    style,
    tenant,
    user
  }: LaunchSetting,
  kind: LaunchKind,
  clientId: string
): string => {
  const ofApp: ReadonlyArray<readonly [name: string, value: string | undefined]> =
    app === undefined
      ? [['app', clientId]]
      : [
          ['app', ownAppValue],
          ['launch_uri', app.launch_uri],
          ['redirect_uris', app.redirect_uris?.join('\n')],
          ['client_id', app.client_id],
          ['client_name', app.client_name],
          ['application_type', app.application_type],
          ['scope', app.scope],
          ['secret_method', app.token_endpoint_auth_method],
          ['keys', keysIn(app)]
        ]
  const fields: ReadonlyArray<readonly [name: string, value: string | undefined]> = [
    ['kind', kind],
    ...ofApp,
    ['user', user ?? anyUser],
    ['patient', patient],
    ['encounter', encounter],
    ['intent', intent],
    ['banner', banner === undefined ? '' : banner ? 'yes' : 'no'],
    ['style', style],
    ['tenant', tenant],
    ['context', context === undefined ? '' : JSON.stringify(context)],
    ['spec', spec],
    ...skip.map((step) => ['skip', step] as const),
    ['misbehavior', misbehavior]
  ]
  return printForm(
    fields.flatMap(([name, value = '']): ReadonlyArray<readonly [string, string]> =>
      value === '' ? [] : [[name, value]]
    )
  )
}
