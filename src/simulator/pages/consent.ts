/** The consent page: who asks whom, for which data, and for how long. Each scope can be refused or narrowed. */
import { conversationBody, conversationForm, otherUserOf } from './parties.js'
import { icons } from '../design/icons.js'
import { badge, decisionButton, duration } from '../design/parts.js'
import { contextInWords } from '../../host/default-pages.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, foreignText, html, sentence } from '../../host/html.js'
import type { ConsentPage, ScopeInWords, ScopePart } from '../../host/page-data.js'
import { contextUnderScopes } from '../../protocol/grant/granted-context.js'
import { isOwnRecord } from '../../protocol/launch/launch-context.js'
import { parse } from '../../scopes/parse.js'

/** The groups of scopes, in the order of the page. */
const groups: ReadonlyArray<{ readonly about: ScopeInWords['about']; readonly title: string; readonly icon: Html }> = [
  { about: 'identity', title: 'Who you are', icon: icons.person },
  { about: 'context', title: 'What you work on', icon: icons.place },
  { about: 'data', title: 'Which data', icon: icons.records },
  { about: 'other', title: 'Other permissions', icon: icons.key },
  { about: 'duration', title: 'How long', icon: icons.clock }
]

const marks = ({ anyPatient, everyType, lasts, writes }: ScopeInWords): ReadonlyArray<Html> => [
  ...(anyPatient ? [badge('not limited to one patient', 'warn')] : []),
  ...(writes ? [badge('can change records', 'warn')] : []),
  ...(everyType ? [badge('every kind of record', 'warn')] : []),
  ...(lasts ? [badge('goes on after you leave', 'warn')] : [])
]

const part = ({ name, short, text }: ScopePart): Html =>
  html`<label title="${short}"><input type="checkbox" name="scope" value="${text}"> <span>${name}</span></label>`

/** What happens without the scope, and the narrower scopes in its place: shown when its box is not ticked. */
const less = ({ parts, without }: ScopeInWords): Html =>
  html`<div class="less"><p class="without">${sentence(without)}</p>${
    parts.length === 0
      ? emptyHtml
      : html`<fieldset><legend>Give only a part of it</legend><div class="parts">${parts.map(part)}</div></fieldset>`
  }</div>`

const scopeShown = (scope: ScopeInWords): Html => {
  const accents = marks(scope)
  const kind = accents.length === 0 ? 'scope' : 'scope strong'
  const hint = scope.parts.length === 0 ? emptyHtml : html`<span class="hint">Untick it to give only a part.</span>`
  const say = html`<span class="say">${sentence(scope.short)}</span>${accents} ${foreignCode(scope.text)}${hint}`
  const box = html`<input type="checkbox" name="scope" value="${scope.text}" checked>`
  return html`<div class="${kind}"><label>${box} <span>${say}</span></label>
${less(scope)}</div>`
}

const eitherOf = (ways: ReadonlyArray<Html>): Html =>
  html`${ways.map((way, place) => (place === 0 ? way : html` or ${way}`))}`

/** How long the access lasts, apart from what the scopes say. It is hidden while nothing is ticked. */
const duringShown = ({ accessSeconds, renewalSeconds, scopes }: ConsentPage): Html => {
  const access = `The access lasts ${duration(accessSeconds)}`
  const renewing = scopes.filter(({ about }) => about === 'duration').map(({ text }) => foreignCode(text))
  return renewing.length === 0
    ? html`<p class="quiet lasting">${access}. Then the app must ask again.</p>`
    : html`<p class="quiet lasting">${access}. If you give ${eitherOf(renewing)}, the app can renew it for ${duration(
        renewalSeconds
      )}. Otherwise the app must ask again.</p>`
}

/** Which scopes bring a part of the launch context: each of them by itself. */
const waysTo = (page: ConsentPage, part: Html): Html => {
  const bringing = page.scopes.filter(({ text }) => {
    const context = contextUnderScopes(parse(text), page.context)
    return contextInWords({ ...page, context }).some((one) => one.html === part.html)
  })
  const isByRecords = bringing.some(({ about }) => about === 'data')
  return eitherOf([
    ...bringing.filter(({ about }) => about !== 'data').map(({ text }) => foreignCode(text)),
    ...(isByRecords ? [html`access to the records of one patient`] : [])
  ])
}

/** The launch context that the app will get, each part with the scopes that bring it. */
const contextShown = (page: ConsentPage): Html => {
  const members = contextInWords(page)
  return members.length === 0
    ? emptyHtml
    : html`<p class="quiet">It receives:</p>
<ul class="context">${members.map((one) => html`<li>${one}, if you give ${waysTo(page, one)}</li>`)}</ul>`
}

const groupShown =
  (page: ConsentPage) =>
  ({ about, icon, title }: (typeof groups)[number]): ReadonlyArray<Html> => {
    const scopes = page.scopes.filter((scope) => scope.about === about)
    const more = about === 'context' ? contextShown(page) : about === 'duration' ? duringShown(page) : emptyHtml
    if (scopes.length === 0 && more.html === '') return []
    return [
      html`<fieldset class="group"><legend>${icon} ${title}</legend>
${scopes.map(scopeShown)}
${more}</fieldset>`
    ]
  }

/** The record that the app requests: the patient is named only if the scopes reach no other patient's data. */
const recordRequested = ({ context, patientName, reach, user }: ConsentPage): Html => {
  if (reach === 'wider') return emptyHtml
  const own = isOwnRecord(user, context.patient) ? ', which represents you' : ''
  const another = reach === 'patientAndUser' ? ', and to read the one that represents you' : own
  return html` to the record of ${
    patientName === null ? 'one patient' : html`<strong>${foreignText(patientName)}</strong>`
  }${another}`
}

/** The contents of the consent page. `relaunch` is the way on for another user, as `otherUserOf` takes it. */
export const consentPage = (userName: string, page: ConsentPage, relaunch: string | null = null): Html =>
  conversationBody(
    { client: page.client, otherUser: otherUserOf(page, relaunch), userName },
    'Give access?',
    html`
<p class="asks">The app asks for access${recordRequested(page)}. Untick what you do not want to give.</p>
${conversationForm(
  page,
  html`
${groups.flatMap(groupShown(page))}
${
  page.doesNotAllow.length === 0
    ? emptyHtml
    : html`<h2>What it cannot do</h2>
<ul class="limits">${page.doesNotAllow.map((text) => html`<li>${icons.shield}<span>${text}</span></li>`)}</ul>`
}
<div class="decide">
<p>You can end the access at any time, on the page of your connected apps.</p>
<p class="none-ticked">Nothing is ticked: the button Allow denies the request, too.</p>
${decisionButton('decision', 'allow', html`Allow`, 'main')}
${decisionButton('decision', 'deny', html`Deny`)}
</div>`
)}`
  )
