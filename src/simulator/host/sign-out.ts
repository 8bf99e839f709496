/** `/ehr/sign-out`: ends the session of a browser, and with it the `online_access` grants of that session. */
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { sessionCookie } from './sessions.js'
import type { Simulator } from '../context.js'
import { button, linkButton, actions, nameShown } from '../design/parts.js'
import { cardPage } from '../pages/card-page.js'
import { toLaunchPage } from '../pages/parties.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import { setCookie } from '../../host/cookies.js'
import type { Html } from '../../host/html.js'
import { html } from '../../host/html.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { seeOther } from '../../protocol/http/message.js'

const contents = (homePath: string, username: string | null): Html =>
  username === null
    ? html`<p>No user is signed in.</p>
<p>To use an app as another user, open the app again, or launch it from the launch page.</p>
${actions([toLaunchPage(homePath), linkButton(`${homePath}/ehr/sign-in`, html`Sign in`)])}`
    : html`<form method="post" action="${homePath}/ehr/sign-out">
<p>You are signed in as ${nameShown(username)}.</p>
<p>To go on as another user, sign out, and open the app again.</p>
${actions([button(html`Sign out`, 'main'), toLaunchPage(homePath)])}
</form>`

/** The handler of the address: the page with the button, and the sign-out itself. */
export const signOut = ({ homePath, isSecure, sessions, refused }: Simulator): RequestHandler => {
  const show = (username: string | null): PlainResponse =>
    cardPage(homePath, 200, 'Sign out', contents(homePath, username))
  const signedOut = (): PlainResponse =>
    seeOther(`${homePath}/ehr/sign-out`, { 'set-cookie': setCookie(sessionCookie, '', homePath, isSecure, 0) })
  return (request) => {
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return pipe(
          sessions.of(request),
          TaskEither.match(refused, (session) => show(session?.username ?? null))
        )
      case 'POST':
        return pipe(sessions.end(request), TaskEither.match(refused, signedOut))
      default:
        return Task.of(refused({ _tag: 'MethodNotAllowed', allowed: 'GET, HEAD, POST' }))
    }
  }
}
