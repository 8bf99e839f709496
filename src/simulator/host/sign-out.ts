/** `/ehr/sign-out`: ends the session of a browser, and with it the `online_access` grants of that session. */
import * as Task from 'fp-ts/lib/Task.js'
import type { Html } from '../../host/html.js'
import { foreignText, html, emptyHtml } from '../../host/html.js'
import { pageResponse } from './html.js'
import { setCookie } from '../../host/cookies.js'
import { sessionCookie } from './sessions.js'
import type { Simulator } from '../context.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import { seeOther } from '../../protocol/http/message.js'

/** The signed-in user, with the button "Sign out"; no content if no user is signed in. */
export const signedInNote = (basePath: string, username: string | null): Html =>
  username === null
    ? emptyHtml
    : html`<form method="post" action="${basePath}/ehr/sign-out">
<p>You are signed in as <strong>${foreignText(username)}</strong>. <button>Sign out</button></p>
</form>`

/** The handler of the address: the page with the button, and the sign-out itself. */
export const signOut =
  ({ basePath, isSecure, sessions }: Simulator): RequestHandler =>
  (request) =>
    Task.fromIO(() => {
      switch (request.method) {
        case 'GET':
        case 'HEAD': {
          const username = sessions.of(request)?.username ?? null
          return pageResponse(
            200,
            basePath,
            'Sign out',
            html`
${username === null ? html`<p>No user is signed in.</p>` : signedInNote(basePath, username)}
<p><a href="${basePath}/">Back to the desktop</a></p>`
          )
        }
        case 'POST': {
          sessions.end(request)
          return seeOther(`${basePath}/`, { 'set-cookie': setCookie(sessionCookie, '', basePath, isSecure, 0) })
        }
        default: {
          const page = pageResponse(
            405,
            basePath,
            'Not possible',
            html`<p class="error" role="alert">Sign out with POST.</p>`
          )
          return { ...page, headers: { ...page.headers, allow: 'GET, HEAD, POST' } }
        }
      }
    })
