/**
 * `/ehr/sign-in`: the form of the sign-in page, and the page itself for a user who comes from no app.
 *
 * The form is accepted only from the browser that got the page (`browser-form.ts`). This is checked before the
 * password, so that the response reveals nothing about passwords.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { formProof, isProven } from './browser-form.js'
import { userWithPassword } from './password.js'
import type { Session } from './sessions.js'
import { sessionCookie } from './sessions.js'
import { isUserOfLaunch } from './setting-acts.js'
import type { UserEntry } from '../config/config.js'
import { subjectOf } from '../config/user-subject.js'
import type { Simulator } from '../context.js'
import type { OwnRefusal } from '../log/own-refusal.js'
import { page } from '../design/shell.js'
import { signInPage } from '../pages/sign-in.js'
import { systemClock } from '../../adapters/system.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import { setCookie } from '../../host/cookies.js'
import { html } from '../../host/html.js'
import type { SignInPage } from '../../host/page-data.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { readForm, repeated, valueOf } from '../../protocol/http/form.js'
import { isForm } from '../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { seeOther } from '../../protocol/http/message.js'

const purpose = 'sign-in'

/** The query of a page whose last sign-in failed. It may be followed by the name of a user of the simulator. */
const complaintQuery = 'complaint=sign-in'

const triedQuery = `${complaintQuery}&user=`

/** Whether the last sign-in failed, and the name that was tried if it is that of a user. */
const lastAttempt = ({ query }: PlainRequest): { readonly failed: boolean; readonly username: string } => {
  const isTried = query.startsWith(triedQuery)
  const form = isTried ? readForm(query) : Either.left(null)
  return {
    failed: query === complaintQuery || isTried,
    username: Either.isRight(form) ? (valueOf(form.right, 'user') ?? '') : ''
  }
}

const addressOf = ({ basePath }: Pick<Simulator, 'basePath'>): string => `${basePath}/ehr/sign-in`

/** Draws the sign-in page at the address of a request. `session` is the one of its browser, which is not enough. */
export const showSignIn = async (
  simulator: Simulator,
  request: PlainRequest,
  { cancel, client, mustSignInAgain, returnTo }: SignInPage,
  session: Session | null = null
): Promise<PlainResponse> => {
  const { config, homePath, setting, userNamed } = simulator
  const { failed, username } = lastAttempt(request)
  const { token, headers } = await formProof(purpose, simulator, request)()
  const fields = html`<input type="hidden" name="form_token" value="${token}">
<input type="hidden" name="return_to" value="${returnTo}">`
  return page({
    homePath,
    title: 'Sign in',
    hasError: failed,
    heading: null,
    layout: 'talk',
    headers,
    body: signInPage({
      client,
      cancel,
      mustSignInAgain,
      signedInAs: session?.username ?? null,
      form: { action: addressOf(simulator), hiddenFields: fields.html },
      users: config.users.filter((user) => isUserOfLaunch(setting, user)),
      onlyUser: setting.user ?? null,
      username: setting.user ?? (userNamed(username) === undefined ? '' : username),
      complaint: failed ? 'User name or password is wrong.' : null
    })
  })
}

/** What the form needs of the host of its server. */
interface SignInHost {
  readonly isReturnAddress: (address: unknown) => boolean
  /** The page of a refusal; `returnTo` is the page to which the sign-in would have led, empty for none. */
  readonly refuse: (refusal: Refusal, returnTo: string) => Task.Task<PlainResponse>
}

/** The handler of the address. */
export const signIn = (simulator: Simulator, { isReturnAddress, refuse }: SignInHost): RequestHandler => {
  const { homePath, isSecure, recordOwn, sessions, setting, userNamed } = simulator

  const begin = (request: PlainRequest, user: UserEntry, returnTo: string): Task.Task<PlainResponse> =>
    pipe(
      TaskEither.fromIO<ReturnType<typeof sessions.next>, Refusal>(() =>
        sessions.next(user.username, systemClock.now())
      ),
      TaskEither.chain((session) => sessions.start(request, session, true)),
      TaskEither.matchE(
        (refusal) => refuse(refusal, returnTo),
        (value) =>
          Task.of(
            seeOther(isReturnAddress(returnTo) ? returnTo : `${homePath}/`, {
              'set-cookie': setCookie(sessionCookie, value, homePath, isSecure)
            })
          )
      )
    )

  /** The page from which the form came, with the complaint. */
  const again = (returnTo: string, username: string): PlainResponse => {
    const [path = ''] = isReturnAddress(returnTo) ? returnTo.split('?') : [addressOf(simulator)]
    const query = userNamed(username) === undefined ? complaintQuery : triedQuery + encodeURIComponent(username)
    return seeOther(`${path}?${query}`)
  }

  /** What is wrong with a sign-in; `user` is the one whose password was given, null for none. */
  const wrongUser = (user: UserEntry | null, username: string): OwnRefusal | null => {
    if (user === null) {
      const named = userNamed(username)
      return named === undefined
        ? { rule: 'UserUnknown' }
        : { rule: 'PasswordWrong', userSub: subjectOf(named.username) }
    }
    return (setting.user ?? user.username) === user.username
      ? null
      : { rule: 'UserNotOfSetting', userSub: subjectOf(user.username) }
  }

  const decide = (request: PlainRequest): Task.Task<PlainResponse> => {
    const form = isForm(request) ? readForm(request.body) : Either.left(null)
    if (Either.isLeft(form)) return refuse({ _tag: 'BodyNotForm' }, '')
    const name = repeated(form.right, ['form_token', 'return_to', 'username', 'password'])
    if (name !== null) return refuse({ _tag: 'ParameterRepeated', name }, '')
    const value = (member: string): string => valueOf(form.right, member) ?? ''
    return pipe(
      isProven(purpose, request, form.right),
      Task.chain((proven) =>
        proven
          ? pipe(
              userWithPassword(userNamed, value('username'), value('password')),
              Task.chain((user) => {
                const refusal = wrongUser(user, value('username'))
                return user === null || refusal !== null
                  ? Task.fromIO(() => {
                      if (refusal !== null) recordOwn(refusal)()
                      return again(value('return_to'), value('username'))
                    })
                  : begin(request, user, value('return_to'))
              })
            )
          : refuse({ _tag: 'InteractionOfAnotherBrowser' }, value('return_to'))
      )
    )
  }

  return (request) => {
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return () =>
          showSignIn(simulator, request, { client: null, cancel: null, mustSignInAgain: false, returnTo: '' })
      case 'POST':
        return decide(request)
      default:
        return refuse({ _tag: 'MethodNotAllowed', allowed: 'GET, POST' }, '')
    }
  }
}
