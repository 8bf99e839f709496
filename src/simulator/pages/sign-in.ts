/** The sign-in page. */
import { conversationBody, conversationForm } from './parties.js'
import type { UserEntry } from '../config/config.js'
import { actions, button, decisionButton, field, nameShown, notice, table } from '../design/parts.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, foreignText, html } from '../../host/html.js'
import type { PageForm, SignInPage } from '../../host/page-data.js'

/** What the sign-in page shows beside the data of the host. */
export interface SignInView extends Pick<SignInPage, 'cancel' | 'client' | 'mustSignInAgain'> {
  readonly form: PageForm
  /** The users of the simulator, who are fictitious, with their passwords. */
  readonly users: ReadonlyArray<UserEntry>
  /** The only user who can go on; null if every one can. */
  readonly onlyUser?: string | null
  /** The user who is signed in already; null for none. */
  readonly signedInAs?: string | null
  /** The name that the field contains at first. */
  readonly username?: string
  /** Why the last attempt failed; null on the first display. */
  readonly complaint: string | null
}

/** The contents of the sign-in page. */
export const signInPage = ({
  cancel,
  client,
  complaint,
  form,
  mustSignInAgain,
  onlyUser = null,
  signedInAs = null,
  username = '',
  users
}: SignInView): Html => {
  const wrong = complaint === null ? emptyHtml : html` aria-invalid="true" aria-describedby="complaint"`
  return conversationBody(
    { client, userName: null },
    'Sign in',
    html`
${
  client === null
    ? signedInAs === null
      ? html`<p>This page belongs to a user. Sign in to go on.</p>`
      : html`<p>This page belongs to another user than ${nameShown(signedInAs)}, who is signed in here now. Sign in as
that user to go on.</p>`
    : html`<p>The app asks for access. ${
        mustSignInAgain
          ? 'Sign in again to go on: an existing session is not enough for this request.'
          : 'Sign in to go on.'
      }</p>`
}
${
  onlyUser === null
    ? emptyHtml
    : html`<p>Only the user <strong>${foreignText(onlyUser)}</strong> can go on: the launch setting in the address says
so.</p>`
}
${complaint === null ? emptyHtml : notice('bad', html`<p id="complaint">${complaint}</p>`)}
${conversationForm(
  form,
  html`
${field(
  'User name',
  html`<input type="text" name="username" value="${username}"
autocomplete="username" required${wrong}${username === '' ? html` autofocus` : emptyHtml}>`
)}
${field(
  'Password',
  html`<input type="password" name="password" autocomplete="current-password" required${wrong}${
    username === '' ? emptyHtml : html` autofocus`
  }>`
)}
${actions([button(html`Sign in`, 'main')])}`
)}
${
  cancel === null
    ? emptyHtml
    : conversationForm(cancel, decisionButton('decision', 'deny', html`Cancel, and go back to the app`, 'plain'))
}
<h2>${onlyUser === null ? 'The users of this simulator' : 'The user of this launch'}</h2>
${table(
  'Users',
  ['User name', 'Password', 'Record'],
  users.map(({ fhirUser, password, username }) => [
    foreignText(username),
    foreignCode(password),
    fhirUser === null ? html`none` : foreignText(fhirUser)
  ])
)}`
  )
}
