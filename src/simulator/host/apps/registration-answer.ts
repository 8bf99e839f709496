/** What an answer of the registration contains. */
import * as Option from 'fp-ts/lib/Option.js'
import type { PlainResponse } from '../../../protocol/http/message.js'
import { parseJson } from '../../../values/json.js'
import type { JsonObject } from '../../../values/object.js'
import { isObject } from '../../../values/object.js'

/** The JSON object of a response; an empty one if it is none. */
export const jsonIn = ({ body }: Pick<PlainResponse, 'body'>): JsonObject => {
  const json = parseJson(body)
  return Option.isSome(json) && isObject(json.value) ? json.value : {}
}

/** The text of a member; null if it is none. */
export const memberText = (json: JsonObject, member: string): string | null =>
  typeof json[member] === 'string' ? json[member] : null
