/** The grants in a person's words: all of them, and one with the picture of its machine and its events. */
import { badge, card, cards, knownFacts, moment, monogram, notice, onlySpoken } from '../design/parts.js'
import { revocationWords, stateWords } from '../grants/grant-words.js'
import type { GrantView } from '../grants/grant-view.js'
import { withoutSettings } from '../log/line-server.js'
import type { LogLine } from '../log/log-line.js'
import { machineParts, machinePicture, nextStates, smallPicture } from '../grants/machine-picture.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, foreignText, html, sentence } from '../../host/html.js'
import { limits } from '../../values/limits/limits.js'
import type { Drawing } from '../../protocol/diagram/diagram.js'

/** What the forms of the pages need. */
export interface GrantForms {
  readonly homePath: string
  readonly publicBaseUrl: string
  readonly formToken: string
}

/** How many events of a grant the list shows. */
const eventsOnCard = 3

const addressOf = (homePath: string, { handle }: GrantView): string => `${homePath}/ehr/grants/${handle}`

/** Tells apart, for those who hear a link or a button alone, the grants of one app. */
const whichGrant = ({ short }: GrantView): Html => onlySpoken(html`, grant ${short}`)

/** The form of the buttons of a page. A list has one form, because many would make the page heavy. */
const buttonsForm = ({ formToken }: GrantForms, action: string): Html =>
  html`<form method="post" action="${action}" id="revocation"><input
type="hidden" name="form_token" value="${formToken}"></form>`

const revokeButton = ({ homePath }: GrantForms, view: GrantView): Html =>
  stateWords[view.grant._tag].isOpen
    ? html`<button class="danger" form="revocation" formaction="${addressOf(homePath, view)}">${
        view.grant._tag.startsWith('Awaiting') ? 'End the request of' : 'Revoke the access of'
      } ${foreignText(view.appName)}${whichGrant(view)}</button>`
    : emptyHtml

const stateShown = ({ grant }: GrantView): Html => badge(stateWords[grant._tag].label, stateWords[grant._tag].tone)

const untilWhen = ({ accessUntil, grant, renewalUntil }: GrantView): ReadonlyArray<readonly [string, Html]> => [
  ['Access until', accessUntil === null ? emptyHtml : moment(accessUntil)],
  ['Renewal until', renewalUntil === null ? emptyHtml : moment(renewalUntil)],
  ['Code until', grant._tag === 'CodeIssued' ? moment(grant.codeExpiresAt) : emptyHtml]
]

/** What the scopes of a grant are: those that were only requested give the app nothing. */
const scopesAre = ({ grant, isPermitted }: GrantView): string => {
  const { isOpen } = stateWords[grant._tag]
  if (isPermitted) return isOpen ? 'What it may do' : 'What it could do'
  return isOpen ? 'What it requests' : 'What it requested, and did not get'
}

const scopeList = ({ scopes }: GrantView): Html =>
  html`<ul>${scopes.map(
    ({ lasts, short, writes }) =>
      html`<li>${sentence(short)} ${
        writes ? badge('writes', 'warn') : emptyHtml
      }${lasts ? badge('goes on after you leave', 'warn') : emptyHtml}</li>`
  )}</ul>`

const server = ({ publicBaseUrl }: GrantForms, { issuer }: GrantView): Html =>
  issuer === publicBaseUrl ? emptyHtml : foreignCode(withoutSettings(issuer))

const factsOf = (forms: GrantForms, view: GrantView): Html =>
  knownFacts([
    ['User', view.userName === null ? emptyHtml : foreignText(view.userName)],
    ['Patient', view.patientName === null ? emptyHtml : foreignText(view.patientName)],
    ...untilWhen(view),
    ['Last used', view.lastUsed === null ? emptyHtml : moment(view.lastUsed)],
    ['Server', server(forms, view)]
  ])

/** The newest events of a grant, and how many there are. The page of the grant has all. */
const eventsShown = (events: ReadonlyArray<LogLine>): Html => {
  const older = events.slice(eventsOnCard)
  return events.length === 0
    ? html`<p class="quiet">The log has no event of it any more.</p>`
    : html`<p class="quiet">${
        older.length > 0 ? html`The newest of ${String(events.length)} events:` : html`The events so far:`
      }</p>
<ol class="events">${events.slice(0, eventsOnCard).map(({ at, what }) => html`<li>${moment(at)} ${what}</li>`)}</ol>`
}

const scopesShown = (view: GrantView): Html =>
  view.scope === null ? emptyHtml : html`<p class="quiet">${scopesAre(view)}</p>${scopeList(view)}`

const cardHead = ({ homePath }: GrantForms, view: GrantView, more = emptyHtml): Html =>
  html`<div class="party">${monogram(view.appName)}<div>
<h2 class="name"><a href="${addressOf(homePath, view)}">${foreignText(view.appName)}${whichGrant(view)}</a></h2>
<p class="quiet">${stateShown(view)} <code>${view.short}</code>${more}</p></div></div>`

/** A request that waits for a user: its own page says more, because anyone can begin many. */
const waitingCard =
  (forms: GrantForms) =>
  (view: GrantView): Html =>
    html`<section class="card">${cardHead(
      forms,
      view,
      view.userName === null ? emptyHtml : html` for ${foreignText(view.userName)}`
    )}
${revokeButton(forms, view)}</section>`

/** The present state as the picture of the machine names it, and those that can follow. */
const stateLarge = (drawing: Drawing, view: GrantView): Html => {
  const present = view.grant._tag
  const next = nextStates(drawing, present).map(
    (state, place) => html`${place === 0 ? '' : ' or '}<code>${state}</code>`
  )
  return html`<p class="state-now">${present}</p>
<p class="quiet">${stateWords[present].sentence}
${next.length === 0 ? html`It is final.` : html`It can become ${next}.`}</p>
<details><summary>The picture${whichGrant(view)}</summary>${smallPicture(drawing, present)}</details>`
}

const grantCard =
  (forms: GrantForms, { drawing, eventsOf }: Pick<GrantsOnPage, 'drawing' | 'eventsOf'>) =>
  (view: GrantView): Html =>
    html`<section class="card">${cardHead(forms, view)}
<div class="columns"><div>${factsOf(forms, view)}
${revokeButton(forms, view)}</div>
<div>${scopesShown(view)}</div>
<div>${stateLarge(drawing, view)}
${eventsShown(eventsOf(view))}</div></div></section>`

/** One page of the list of grants. */
export interface GrantsOnPage {
  /** The grants of the page: open ones before those that have ended, the newest first. */
  readonly begun: ReadonlyArray<GrantView>
  /** How many grants are on the pages before it, and on all pages. */
  readonly start: number
  readonly total: number
  /** The requests that wait for a user. */
  readonly waiting: ReadonlyArray<GrantView>
  /** How many open grants are not listed any more. */
  readonly leftOut: number
  /** Whether the page was to begin after a grant that is not on the list any more. */
  readonly isLost: boolean
  /** What stands for the last grant of the page, where others follow; null where none do. */
  readonly older: string | null
  readonly isLive: boolean
  readonly drawing: Drawing
  /** The lines of the log of a grant, the newest first. */
  readonly eventsOf: (view: GrantView) => ReadonlyArray<LogLine>
}

/** How many of the grants the page shows, where it does not show all. */
const partShown = ({ homePath }: GrantForms, { begun, leftOut, older, start, total }: GrantsOnPage): Html => {
  const next = older === null ? emptyHtml : html` <a href="${homePath}/ehr/grants?after=${older}">Older grants</a>`
  const range = start === 0 ? String(begun.length) : `${String(start + 1)} to ${String(start + begun.length)}`
  return html`${
    begun.length === total
      ? emptyHtml
      : html`<p>${range} of ${String(total)} grants are shown, the open ones first.${next}</p>`
  }${
    leftOut === 0
      ? emptyHtml
      : html`<p class="quiet">The list keeps the newest ${String(limits.simulatorGrants.default)} open grants.
${String(leftOut)} older ones have left it, and are valid until they end.</p>`
  }`
}

/** The contents of the list. */
export const grantsPage = (forms: GrantForms, shown: GrantsOnPage): Html => {
  const { begun, isLive, isLost, total, waiting } = shown
  return html`${
    isLost
      ? notice(
          'warn',
          html`<p>The grant after which this page begins is no longer listed. Here are the newest ones.</p>`
        )
      : emptyHtml
  }
<p>What apps may do here now, and what they could do before. Each grant goes from the request of an app to its end.</p>
<p class="quiet">Users end the access that they gave on the page of their
<a href="${forms.homePath}/apps">connected apps</a>. ${
    isLive
      ? html`This page reloads every two seconds. <a href="${forms.homePath}/ehr/grants">Stop</a>`
      : html`<a href="${forms.homePath}/ehr/grants?live=1">Reload this page every two seconds</a>`
  }</p>
${
  total + waiting.length === 0
    ? card(
        null,
        html`<p>There is no grant yet. Launch an app from <a href="${forms.homePath}/">the launch page</a>.</p>`
      )
    : html`${buttonsForm(forms, `${forms.homePath}/ehr/grants`)}${
        begun.length === 0
          ? emptyHtml
          : machineParts(
              shown.drawing,
              begun.map(({ grant }) => grant._tag)
            )
      }
<div class="grants">${begun.map(grantCard(forms, shown))}</div>
${partShown(forms, shown)}${
        waiting.length === 0
          ? emptyHtml
          : html`<details${begun.length === 0 ? html` open` : emptyHtml}><summary>${String(waiting.length)} ${
              waiting.length === 1 ? 'request that waits' : 'requests that wait'
            } for a user</summary>
${cards(waiting.map(waitingCard(forms)))}</details>`
      }`
}`
}

/** The contents of the page of one grant; `events` are its lines of the log as HTML. */
export const grantPage = (forms: GrantForms, view: GrantView, drawing: Drawing, events: Html): Html => {
  const { grant, scope } = view
  const words = stateWords[grant._tag]
  return html`${words.isOpen ? buttonsForm(forms, addressOf(forms.homePath, view)) : emptyHtml}<div class="beside"><div>
<section class="card"><div class="party">${monogram(view.appName)}<div>
<p><strong>${foreignText(view.appName)}</strong></p>
<p class="quiet">${stateShown(view)} ${foreignCode(grant.clientId)}</p></div></div>
<p>${words.sentence} ${grant._tag === 'Revoked' ? revocationWords[grant.why] : ''}</p>
${factsOf(forms, view)}
${
  scope === null
    ? emptyHtml
    : html`<h2 class="name">${scopesAre(view)}</h2>
${scopeList(view)}
<details><summary>The exact scopes</summary>
<p>${view.scopes.map(({ text }) => foreignCode(text))}</p></details>`
}
${revokeButton(forms, view)}</section></div>
<section class="card"><h2>Its state</h2>
${machinePicture(drawing, grant._tag)}
<p class="quiet">Drawn from the transition table of the server. The colored lines lead on from the present state.</p>
</section></div>
<h2>The events so far</h2>
${events}`
}

/** The contents of the page where there is no such grant. */
export const noGrantPage = (homePath: string): Html =>
  card(
    null,
    html`<p>There is no such grant on the list. It may have ended long ago.</p>
<p><a href="${homePath}/ehr/grants">All grants</a></p>`
  )
