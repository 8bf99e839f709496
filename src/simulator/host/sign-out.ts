/** `/ehr/sign-out`: ends the session of a browser, and with it the `online_access` grants of that session. */
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Html } from '../../host/html.js'
import { foreignText, html, emptyHtml } from '../../host/html.js'
import { pageResponse } from './html.js'
import { setCookie } from '../../host/cookies.js'
import { sessionCookie } from './sessions.js'
import type { Simulator } from '../context.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { seeOther } from '../../protocol/http/message.js'

/** The signed-in user, with the button "Sign out"; no content if no user is signed in. */
export const signedInNote = (basePath: string, username: string | null): Html =>
  username === null
    ? emptyHtml
    : html`<form method="post" action="${basePath}/ehr/sign-out">
<p>You are signed in as <strong>${foreignText(username)}</strong>. <button>Sign out</button></p>
</form>`

/** The handler of the address: the page with the button, and the sign-out itself. */
export const signOut = ({ basePath, isSecure, sessions, refused }: Simulator): RequestHandler => {
  const page = (username: string | null): PlainResponse =>
    pageResponse(
      200,
      basePath,
      'Sign out',
      html`
${username === null ? html`<p>No user is signed in.</p>` : signedInNote(basePath, username)}
<p><a href="${basePath}/">Back to the desktop</a></p>`
    )
  const signedOut = (): PlainResponse =>
    seeOther(`${basePath}/`, { 'set-cookie': setCookie(sessionCookie, '', basePath, isSecure, 0) })
  return (request) => {
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return pipe(
          sessions.of(request),
          TaskEither.match(refused, (session) => page(session?.username ?? null))
        )
      case 'POST':
        return pipe(sessions.end(request), TaskEither.match(refused, signedOut))
      default: {
        const page405 = pageResponse(
          405,
          basePath,
          'Not possible',
          html`<p class="error" role="alert">Sign out with POST.</p>`
        )
        return Task.of({ ...page405, headers: { ...page405.headers, allow: 'GET, HEAD, POST' } })
      }
    }
  }
}
