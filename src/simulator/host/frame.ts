/** `/ehr/frame`: the app in a frame below a banner with the patient, as record systems show it. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Task from 'fp-ts/lib/Task.js'
import type { Simulator } from '../context.js'
import { facts } from '../design/parts.js'
import { page } from '../design/shell.js'
import type { PatientRow } from '../launch/launch-patients.js'
import { patientRows } from '../launch/launch-patients.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, foreignText, html } from '../../host/html.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import { readForm, valueOf } from '../../protocol/http/form.js'
import { refusalJson } from '../../protocol/errors/refusal-table.js'
import { isSecureUrl, normalizedOriginOf } from '../../values/urls.js'

const banner = ({ birthDate, id, name, sex }: PatientRow): Html =>
  html`<section class="card" aria-label="Patient">${facts([
    ['Patient', html`<strong>${foreignText(name)}</strong>`],
    ['Sex', foreignText(sex)],
    ['Birth date', foreignText(birthDate)],
    ['Id', foreignCode(id)]
  ])}</section>`

/** The page with the frame. The frame itself goes to `/ehr/launch`, which checks everything. */
export const framedLaunch = (simulator: Simulator): RequestHandler => {
  const { basePath, behind, config, homePath, patientsOf, setting, userNamed } = simulator
  return (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return Task.of(refusalJson({ _tag: 'MethodNotAllowed', allowed: 'GET, HEAD' }))
    const query = readForm(request.query)
    const named = Either.isRight(query) ? valueOf(query.right, 'launch_uri') : null
    const launchUri = named ?? setting.app?.launch_uri ?? ''
    // Only an origin can stand in the policy, and of no other form than this.
    const origin = isSecureUrl(launchUri) ? normalizedOriginOf(launchUri) : ''
    const user = setting.user === undefined ? config.users[0] : userNamed(setting.user)
    const patient = patientRows(patientsOf(user), behind.resources()).find(({ id }) => id === setting.patient)
    return Task.of(
      page({
        homePath,
        title: 'An app in the record system',
        layout: 'desk',
        headers: {
          'content-security-policy':
            `default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self' ${origin}; ` +
            "base-uri 'none'; frame-ancestors 'none'"
        },
        body: html`${patient === undefined ? emptyHtml : banner(patient)}
<iframe class="app-frame" title="The app" src="${basePath}/ehr/launch?${request.query}"></iframe>`
      })
    )
  }
}
