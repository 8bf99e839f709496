/** The ways on from an error page: the registration of an unknown app, and the app that was launched. */
import * as Either from 'fp-ts/lib/Either.js'
import type { Simulator } from '../context.js'
import type { WayOn } from '../pages/error.js'
import type { ErrorPage } from '../../host/page-data.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { refusalRow } from '../../protocol/errors/refusal-table.js'
import { readForm, valueOf } from '../../protocol/http/form.js'
import type { PlainRequest } from '../../protocol/http/message.js'
import { withParameters } from '../../values/urls.js'

/** The refusals that a registration mends. */
const mended: ReadonlyArray<string> = [
  { _tag: 'ClientUnknown', clientId: '' } as const,
  { _tag: 'RedirectUriNotRegistered', redirectUri: '' } as const
].map((refusal: Refusal) => refusalRow(refusal).description)

/** The ways on from an error page that answers a request. */
export const wayOnFrom = (
  { basePath, homePath, setting }: Pick<Simulator, 'basePath' | 'homePath' | 'setting'>,
  { kind, message }: ErrorPage,
  { path, query }: PlainRequest
): WayOn => {
  if (kind === 'ended') return { again: setting.app?.launch_uri === undefined ? null : `${basePath}/ehr/launch` }
  const form = readForm(query)
  if (path !== `${basePath}/authorize` || !mended.includes(message) || Either.isLeft(form)) return {}
  const given = ['client_id', 'redirect_uri'].flatMap((name) => {
    const value = valueOf(form.right, name)
    return value === null ? [] : [[name, value] as const]
  })
  return { register: withParameters(`${homePath}/ehr/apps/new`, given) }
}
