/** Runs the changes of a misbehavior around the handler of a server. */
import { createSign, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import * as Either from 'fp-ts/lib/Either.js'
import type * as Task from 'fp-ts/lib/Task.js'
import type { ChangedResponse, Misbehavior, MisbehaviorFacts } from './misbehavior.js'
import { jsonObjectIn, placesOf, withMembers } from './misbehavior.js'
import type { Keys } from '../../engine/ports.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import type { IdTokenClaims } from '../../protocol/jwt/id-token-claims.js'
import { encode, leftHalf } from '../../values/base64url.js'
import { textOf } from '../../values/json.js'
import { ownMember } from '../../values/own.js'

type SignChange = Extract<ChangedResponse, { readonly _tag: 'Sign' }>

const unsignedText = (header: SignChange['header'], claims: SignChange['claims']): string =>
  `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`

const newKey = promisify(generateKeyPair)

/** A key that is not the server's. It is made when it is needed for the first time. */
const otherKey = (() => {
  let made: Promise<Awaited<ReturnType<typeof newKey>>> | null = null
  return () => (made ??= newKey('rsa', { modulusLength: 2048 }))
})()

/** The id_token of a change; null when the server cannot sign it. */
const idTokenOf = async (keys: Keys, { by, claims, header }: SignChange): Promise<string | null> => {
  switch (by) {
    case 'server': {
      // The claims are wrong on purpose.
      const signed = await keys.signIdToken(claims as unknown as IdTokenClaims)()
      return Either.isRight(signed) ? signed.right : null
    }
    case 'otherKey': {
      const text = unsignedText(header, claims)
      const { privateKey } = await otherKey()
      return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`
    }
    case 'none':
      return `${unsignedText({ ...header, alg: 'none' }, claims)}.`
  }
}

const signed = async (keys: Keys, change: SignChange): Promise<PlainResponse> => {
  const { isHashNew, response } = change
  const accessToken = textOf(jsonObjectIn(response)?.['access_token'])
  const hash = isHashNew ? { at_hash: leftHalf(await keys.digest(accessToken)()) } : {}
  const idToken = await idTokenOf(keys, { ...change, claims: { ...change.claims, ...hash } })
  return idToken === null ? response : withMembers(response, { id_token: idToken })
}

/** Waits; ends early when the client disconnects. */
const paused = (milliseconds: number, { signal }: PlainRequest): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    // A simulator that is stopped does not wait.
    timer.unref()
    signal?.addEventListener('abort', end)
    if (signal?.aborted === true) end()
  })

/** What a misbehavior did to the response of a request. */
export interface Misbehaved {
  readonly name: string
  /** The access token of the server, in place of which the misbehavior gave the app another one; null for none. */
  readonly tokenBehind: string | null
}

/**
 * A handler whose responses the misbehavior changes. `made` is called in the request with each response that it made,
 * and gives the one to send.
 */
export const misbehaving = (
  { changes, name, tokenBehind = () => null }: Pick<Misbehavior, 'changes' | 'name' | 'tokenBehind'>,
  facts: MisbehaviorFacts,
  keys: Keys,
  handler: RequestHandler,
  made: (response: PlainResponse, misbehaved: Misbehaved) => PlainResponse
): RequestHandler => {
  let turns = 0
  const perform = async (change: ChangedResponse, request: PlainRequest): Promise<PlainResponse> => {
    switch (change._tag) {
      case 'Answer':
        return change.response
      case 'Wait':
        await paused(change.milliseconds, request)
        return change.response
      case 'Sign':
        return signed(keys, change)
      case 'FirstOfTwo':
        turns += 1
        return turns % 2 === 1 ? change.changed : change.response
    }
  }
  const answer =
    (request: PlainRequest): Task.Task<PlainResponse> =>
    async () => {
      const response = await handler(request)()
      const place = placesOf(facts, request, response).find((one) => Object.hasOwn(changes, one))
      const change = place === undefined ? undefined : changes[place]
      if (change === undefined) return response
      const todo = change(facts, response, request)
      const done = await perform(todo, request)
      return done === response && todo._tag !== 'Wait'
        ? response
        : made(done, { name, tokenBehind: tokenBehind(request) })
    }
  const refused = ownMember(handler, 'refused')
  return refused === undefined ? answer : Object.assign(answer, { refused })
}
