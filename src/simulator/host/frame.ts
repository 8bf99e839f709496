/** `/ehr/frame`: the app in a frame below a banner with the patient, as record systems show it. */
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Launch } from './ehr-launch.js'
import { checkedLaunch, framedParameter, impossibleLaunch, silentInstead, withLaunchParameter } from './ehr-launch.js'
import type { Simulator } from '../context.js'
import { appNamed } from '../pages/parties.js'
import { facts, linkButton, nameShown } from '../design/parts.js'
import { page } from '../design/shell.js'
import { framedSteps } from '../launch/launch-form.js'
import type { PatientRow } from '../launch/launch-patients.js'
import { patientRows } from '../launch/launch-patients.js'
import type { Html } from '../../host/html.js'
import { foreignCode, foreignText, html } from '../../host/html.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { shown } from '../../values/shown-text.js'
import { isSecureUrl, normalizedOriginOf, originOf } from '../../values/urls.js'

const banner = ({ birthDate, id, name, sex }: PatientRow): Html =>
  html`<section class="banner" aria-label="Patient">${facts([
    ['Patient', html`<strong>${foreignText(name)}</strong>`],
    ['Sex', foreignText(sex)],
    ['Birth date', foreignText(birthDate)],
    ['Id', foreignCode(id)]
  ])}</section>`

/** The page with the frame. The frame itself goes to `/ehr/launch`. */
export const framedLaunch = (simulator: Simulator): RequestHandler => {
  const { basePath, behind, homePath, patientsOf, recordOwn, setting, userNamed } = simulator
  const checked = checkedLaunch(simulator)
  const framed = ({ appName, launchUri, offer, request, username }: Launch): PlainResponse => {
    const unframed = `${basePath}/ehr/launch?${request.query}`
    const inFrame = withLaunchParameter(`${basePath}/ehr/launch`, request.query, framedParameter)
    const patient = patientRows(patientsOf(userNamed(username)), behind.resources()).find(
      ({ id }) => id === offer.context.patient
    )
    const refused = (reason: Html): PlainResponse => {
      recordOwn({ rule: 'FrameImpossible', clientId: offer.clientId })()
      const launch = { request, clientId: offer.clientId, appName }
      return impossibleLaunch(simulator, 400, launch, reason, [linkButton(unframed, html`Launch it without a frame`)])
    }
    if (patient === undefined)
      return refused(html`A frame is below a banner with the patient, and this launch names no patient.`)
    if (!framedSteps.every((step) => setting.skip?.includes(step) === true))
      return refused(html`A frame cannot show the pages of this server. The setting in the address must leave out the
sign-in and the consent (<code>skip</code>).`)
    // Only an origin can stand in the policy, and of no other form than this.
    const origin = isSecureUrl(launchUri) ? normalizedOriginOf(launchUri) : ''
    return page({
      homePath,
      title: 'An app in the record system',
      layout: 'desk',
      headers: {
        'content-security-policy':
          `default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self' ${origin}; ` +
          "base-uri 'none'; frame-ancestors 'none'"
      },
      signedInAs: username,
      body: html`${banner(patient)}
<p>The app: ${appNamed({ id: offer.clientId, name: appName })}, from ${foreignCode(originOf(launchUri))}. The user:
${nameShown(username)}.</p>
<iframe class="app-frame" title="The app ${shown(appName)}" src="${inFrame}"></iframe>
<p class="quiet">If the frame stays empty, the app allows no frame, or it needs a page of this server: an error, or a
page that it requires by <code>prompt</code>. <a href="${unframed}">Launch it without a frame</a>, or see
<a href="${homePath}/ehr/log">the log</a>.</p>`
    })
  }
  const unlessSilent = (launch: Launch): Task.Task<PlainResponse> =>
    pipe(
      silentInstead(simulator, 'frame')(launch),
      Task.map((silent) => silent ?? framed(launch))
    )
  return (request) => TaskEither.toUnion(pipe(checked(request), TaskEither.chainTaskK(unlessSilent)))
}
