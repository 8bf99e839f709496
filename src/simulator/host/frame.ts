/**
 * `/ehr/frame`: the app in a frame below a banner with the patient, as record systems show it; and what the frame shows
 * where a page of this server must not be in it.
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Launch } from './ehr-launch.js'
import {
  checkedLaunch,
  framedParameter,
  impossibleLaunch,
  panelWith,
  silentInstead,
  uncheckedParameter,
  withLaunchParameter
} from './ehr-launch.js'
import { refusesFrames } from './running-app.js'
import type { Simulator } from '../context.js'
import { cardPage } from '../pages/card-page.js'
import { appNamed, toLaunchPage } from '../pages/parties.js'
import { actions, facts, linkButton, nameShown, notice } from '../design/parts.js'
import { page } from '../design/shell.js'
import { framedSteps } from '../launch/launch-form.js'
import type { PatientRow } from '../launch/launch-patients.js'
import { patientRows } from '../launch/launch-patients.js'
import { isForBrowser } from '../settings/wrong-base.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, foreignText, html } from '../../host/html.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import { shown } from '../../values/shown-text.js'
import { isSecureUrl, normalizedOriginOf, originOf, pathOf } from '../../values/urls.js'

const banner = ({ birthDate, id, name, sex }: PatientRow): Html =>
  html`<section class="banner" aria-label="Patient">${facts([
    ['Patient', html`<strong>${foreignText(name)}</strong>`],
    ['Sex', foreignText(sex)],
    ['Birth date', foreignText(birthDate)],
    ['Id', foreignCode(id)]
  ])}</section>`

/** The origins that the frame shows: where the app begins and ends a launch, and the other one of a hostile server. */
const framedOrigins = ({ config, setting }: Simulator, { launchUri, redirectUris }: Launch): string => {
  const own = [launchUri, ...redirectUris].filter(isSecureUrl).map(normalizedOriginOf)
  return [...new Set([...own, ...(setting.misbehavior === undefined ? [] : [config.foreignOrigin])])].join(' ')
}

/** The page with the frame. The frame itself goes to `/ehr/launch`. */
export const framedLaunch = (simulator: Simulator): RequestHandler => {
  const { basePath, behind, homePath, patientsOf, recordOwn, server, setting, userNamed } = simulator
  const checked = checkedLaunch(simulator)
  const framed = (launch: Launch): PlainResponse => {
    const { appName, launchUri, offer, request, username } = launch
    const unframed = `${basePath}/ehr/launch?${request.query}`
    const inFrame = withLaunchParameter(`${basePath}/ehr/launch`, request.query, framedParameter)
    const patient = patientRows(patientsOf(userNamed(username)), behind.resources()).find(
      ({ id }) => id === offer.context.patient
    )
    const refused = (reason: Html): PlainResponse => {
      recordOwn({ rule: 'FrameImpossible', clientId: offer.clientId })()
      const impossible = { request, clientId: offer.clientId, appName }
      return impossibleLaunch(simulator, 400, impossible, reason, [
        linkButton(unframed, html`Launch it without a frame`)
      ])
    }
    if (patient === undefined)
      return refused(html`A frame is below a banner with the patient, and this launch names no patient.`)
    if (!framedSteps.every((step) => setting.skip?.includes(step) === true))
      return refused(html`A frame cannot show the pages of this server. The setting in the address must leave out the
sign-in and the consent (<code>skip</code>).`)
    return page({
      homePath,
      title: 'An app in the record system',
      layout: 'desk',
      headers: {
        'content-security-policy':
          "default-src 'none'; style-src 'self'; img-src 'self'; " +
          `frame-src 'self' ${framedOrigins(simulator, launch)}; ` +
          "base-uri 'none'; frame-ancestors 'none'"
      },
      signedInAs: username,
      body: html`${banner(patient)}
<p>The app: ${appNamed({ id: offer.clientId, name: appName })}, from ${foreignCode(originOf(launchUri))}. The user:
${nameShown(username)}.</p>
<iframe class="app-frame" title="The app ${shown(appName)}" src="${inFrame}"></iframe>
<p class="quiet">If the frame stays empty, the app allows no frame, or went to an address that is none of its own.
<a href="${unframed}">Launch it without a frame</a>, or see <a href="${homePath}/ehr/log">the log</a>.</p>`
    })
  }
  /** The page in place of a frame that would stay empty, because the app forbids it. */
  const emptyFrame = (launch: Launch): PlainResponse => {
    const { appName, launchUri, offer, request } = launch
    return cardPage(
      homePath,
      200,
      'The app allows no frame',
      html`${notice(
        'warn',
        html`<p>The page at ${foreignCode(originOf(launchUri))} forbids the frame of another site, by
<code>Content-Security-Policy</code> (<code>frame-ancestors</code>) or <code>X-Frame-Options</code>. A browser then
shows an empty frame.</p>`
      )}
<p>The app: ${appNamed({ id: offer.clientId, name: appName })}.</p>
<p>An app that a record system shows in a frame names the origin of that record system in
<code>frame-ancestors</code>. The page may answer a launch otherwise than this server's request: then
<a href="${basePath}/ehr/frame?${request.query}&${uncheckedParameter}">try the frame all the same</a>.</p>
${actions([
  linkButton(`${basePath}/ehr/launch?${request.query}`, html`Launch it without a frame`, 'main'),
  linkButton(panelWith(simulator, launch, true), html`Change this launch`),
  toLaunchPage(homePath)
])}`
    )
  }
  const unlessRefused = (launch: Launch): Task.Task<PlainResponse> => {
    const shown = framed(launch)
    return shown.status !== 200 || launch.isUnchecked || !isForBrowser(launch.request)
      ? Task.of(shown)
      : pipe(
          refusesFrames(simulator, { iss: server.facts.fhirBaseUrl, launchUri: launch.launchUri }),
          Task.map((refuses) => (refuses ? emptyFrame(launch) : shown))
        )
  }
  const unlessSilent = (launch: Launch): Task.Task<PlainResponse> =>
    pipe(
      silentInstead(simulator, 'frame')(launch),
      Task.chain((silent) => (silent === null ? unlessRefused(launch) : Task.of(silent)))
    )
  return (request) => TaskEither.toUnion(pipe(checked(request), TaskEither.chainTaskK(unlessSilent)))
}

/** Whether the browser shows the answer in a frame (Fetch Metadata Request Headers, section 2.1). */
const isInFrame = (request: PlainRequest): boolean =>
  ['iframe', 'frame'].includes([headerOf(request, 'sec-fetch-dest') ?? ''].flat().join())

const field = (response: PlainResponse, name: string): string => [headerOf(response, name) ?? ''].flat().join()

/**
 * Whether a response leads to a page that is not in a frame: it is such a page, or it begins a conversation. Its page
 * would not find the cookies that the browser does not take in the frame of another site, so it begins again outside.
 */
const leadsOut = (publicBaseUrl: string, response: PlainResponse): boolean =>
  field(response, 'content-security-policy').includes("frame-ancestors 'none'") ||
  /^(?:\/sim\/[^/]+)?\/interaction\//.test(
    field(response, 'location').replace(originOf(publicBaseUrl), '').slice(pathOf(publicBaseUrl).length)
  )

/** What the frame shows in place of a page on which a user signs in or decides, or which shows all that happened. */
const outsideTheFrame = (publicBaseUrl: string, { method, path, query }: PlainRequest): PlainResponse => {
  const address = `${originOf(publicBaseUrl)}${path}${query === '' ? '' : `?${query}`}`
  return cardPage(
    pathOf(publicBaseUrl),
    200,
    'This page is not shown in a frame',
    html`<p>The app went to a page of this server. A page on which a user signs in or decides must fill the window, so
that no other page lies around it or over it.</p>
${
  method === 'GET'
    ? actions([html`<a class="button main" href="${address}" target="_top">Go on without the frame</a>`])
    : emptyHtml
}
<p class="quiet">An app that looks for its launch in the frame does not find it after that. Then launch the app without
a frame.</p>`,
    true
  )
}

/** An error page that is not requested by a frame: no page may show it in one. */
const outOfFrames = (response: PlainResponse): PlainResponse => {
  const policy = field(response, 'content-security-policy')
  return response.status < 400 || !policy.includes("frame-ancestors 'self'")
    ? response
    : {
        ...response,
        headers: {
          ...response.headers,
          'content-security-policy': policy.replace("frame-ancestors 'self'", "frame-ancestors 'none'"),
          'x-frame-options': 'DENY'
        }
      }
}

/**
 * The handler, which says in a frame why a page is not there. The browser itself would show an empty frame. Pages on
 * which a user decides stay out of every frame (clickjacking), and error pages that no frame requests.
 */
export const withFramedPages = (publicBaseUrl: string, handler: RequestHandler): RequestHandler =>
  Object.assign(
    (request: PlainRequest): Task.Task<PlainResponse> =>
      isInFrame(request)
        ? pipe(
            handler(request),
            Task.map((response) =>
              leadsOut(publicBaseUrl, response) ? outsideTheFrame(publicBaseUrl, request) : response
            )
          )
        : pipe(handler(request), Task.map(outOfFrames)),
    handler
  )
