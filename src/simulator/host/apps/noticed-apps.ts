/** Notices apps that register themselves at the registration endpoint, for the list of apps. */
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import { jsonIn, memberText } from './registration-answer.js'
import type { AppList } from '../../store/app-list.js'
import type { RequestHandler } from '../../../engine/server/http-handler.js'

/** The handler, which adds each app that it registers to the list. */
export const noticingApps =
  (list: AppList, registrationPath: string, handler: RequestHandler): RequestHandler =>
  (request) =>
    request.path !== registrationPath || request.method !== 'POST'
      ? handler(request)
      : pipe(
          handler(request),
          Task.chain((response) => {
            const answer = response.status === 201 ? jsonIn(response) : {}
            const [clientId, token] = [memberText(answer, 'client_id'), memberText(answer, 'registration_access_token')]
            // The list is for display: a registration does not fail because of it.
            return clientId === null
              ? Task.of(response)
              : pipe(
                  list.add({ clientId, token, from: 'endpoint' }),
                  Task.map(() => response)
                )
          })
        )
