/** What a request says about a conversation: its cookies, and the session of the browser. */
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { UserEntry } from '../config/config.js'
import { subjectOf } from '../config/user-subject.js'
import type { Simulator } from '../context.js'
import type { Session } from './sessions.js'
import type { Interaction } from '../../engine/server/interaction/conversation.js'
import { cookiesOf } from '../../host/cookies.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import type { PlainRequest } from '../../protocol/http/message.js'
import type { PresentUser, SignedInUser } from '../../protocol/launch/launch-context.js'

/** The name of the cookie of a conversation. */
export const conversationCookie = (grantId: string): string => `interaction_${grantId}`

/** A user with a session, for the engine. */
export const signedInUser = (user: UserEntry, { authTime, id }: Session): SignedInUser => ({
  sub: subjectOf(user.username),
  fhirUser: user.fhirUser,
  authTime,
  sessionId: id
})

/** The facts that need no form. */
type Unproven = Pick<Interaction, 'grantId' | 'browserSecret' | 'present'>

/** The grant, and the browser and user of the conversation, from the cookies of a request alone. */
export const conversationFacts = ({ sessions, userNamed }: Pick<Simulator, 'sessions' | 'userNamed'>) => {
  /** The user who is signed in now, in the browser that sent the request. */
  const presentIn = (request: PlainRequest): TaskEither.TaskEither<Refusal, PresentUser> =>
    pipe(
      sessions.of(request),
      TaskEither.map((session) => {
        const user = session === null ? undefined : userNamed(session.username)
        return session === null || user === undefined ? null : signedInUser(user, session)
      })
    )

  return (request: PlainRequest, grantId: string): TaskEither.TaskEither<Refusal, Unproven> =>
    pipe(
      presentIn(request),
      TaskEither.map((present) => ({
        grantId,
        browserSecret: cookiesOf(request).get(conversationCookie(grantId)) ?? '',
        present
      }))
    )
}
