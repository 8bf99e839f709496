/**
 * Base64url without padding (RFC 4648, section 5) for UTF-8 text, and plain base64 (section 4) as HTTP Basic uses it.
 *
 * Digests and signatures reach the pure layers as base64url text already; only small texts are coded here.
 *
 * @module
 */
import * as Option from 'fp-ts/lib/Option.js'

/** The letters of base64url, in the order of what they stand for. */
export const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const fromBytes = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const bytesOf = (characters: string): Uint8Array => {
  const bytes = new Uint8Array(characters.length)
  for (let index = 0; index < characters.length; index++) bytes[index] = characters.charCodeAt(index)
  return bytes
}

/** What well-formed base64 stands for, as UTF-8 text. */
const toText = (base64: string): Option.Option<string> => {
  const bytes = atob(base64)
  return /[\x80-\xff]/.test(bytes) ? Option.tryCatch(() => utf8.decode(bytesOf(bytes))) : Option.some(bytes)
}

/** Whether a text is base64url: its letters alone, no padding, and no stray bits at its end. */
export const isBase64url = (text: string): boolean => {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return false
  const spare = text.length % 4 === 2 ? 16 : text.length % 4 === 3 ? 4 : 1
  return alphabet.indexOf(text.charAt(text.length - 1)) % spare === 0 || text === ''
}

/** Text to base64url. A lone surrogate becomes U+FFFD. */
export const encode = (text: string): string =>
  fromBytes(new TextEncoder().encode(text)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

/**
 * Base64url to text; `none` for anything that {@link encode} does not print, so that one text has one spelling: no
 * padding, no stray bits, no white space.
 */
export const decode = (encoded: string): Option.Option<string> =>
  isBase64url(encoded) ? toText(encoded.replaceAll('-', '+').replaceAll('_', '/')) : Option.none

/** Groups of four letters; in a last and padded one, only letters whose spare bits are zero. */
const paddedBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/

/**
 * Padded base64 to UTF-8 text (HTTP Basic, RFC 7617, section 2); `none` when either layer is broken: no missing
 * padding, no stray bits, no white space.
 */
export const decodeBasic = (encoded: string): Option.Option<string> =>
  paddedBase64.test(encoded) ? toText(encoded) : Option.none

/** UTF-8 text to padded base64 (HTTP Basic, RFC 7617, section 2). */
export const encodeBasic = (text: string): string => fromBytes(new TextEncoder().encode(text))

/** The first 16 of the 32 bytes that a base64url text of 43 characters stands for. */
export const leftHalf = (encoded: string): string => {
  const last = alphabet.indexOf(encoded.charAt(21))
  return `${encoded.slice(0, 21)}${alphabet.charAt(last - (last % 16))}`
}
