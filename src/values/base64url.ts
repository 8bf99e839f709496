/**
 * Base64url without padding (RFC 4648, section 5) for UTF-8 text, and plain base64 (section 4) for HTTP Basic.
 *
 * Digests and signatures reach the pure layers as base64url text; only short texts are encoded and decoded here.
 *
 * @module
 */
import * as Option from 'fp-ts/lib/Option.js'

/** The 64 characters of base64url, in the order of their values. */
export const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** As many bytes as a function surely takes as arguments. */
const atOnce = 4096

/** The characters with these codes. A spread of the bytes would cost several times as much. */
const charactersOf = (codes: Uint8Array): string => Reflect.apply(String.fromCharCode, null, codes) as string

const fromBytes = (bytes: Uint8Array): string => {
  let characters = ''
  for (let start = 0; start < bytes.length; start += atOnce)
    characters += charactersOf(bytes.subarray(start, start + atOnce))
  return btoa(characters)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const bytesOf = (characters: string): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(characters.length)
  for (let index = 0; index < characters.length; index++) bytes[index] = characters.charCodeAt(index)
  return bytes
}

/** Decodes well-formed base64 to UTF-8 text; `none` when the bytes are not UTF-8. */
const toText = (base64: string): Option.Option<string> => {
  const bytes = atob(base64)
  return /[\x80-\xff]/.test(bytes) ? Option.tryCatch(() => utf8.decode(bytesOf(bytes))) : Option.some(bytes)
}

/** Whether a text is well-formed base64url: only characters of its alphabet, no padding, and zero trailing bits. */
export const isBase64url = (text: string): boolean => {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return false
  const spare = text.length % 4 === 2 ? 16 : text.length % 4 === 3 ? 4 : 1
  return alphabet.indexOf(text.charAt(text.length - 1)) % spare === 0 || text === ''
}

/** Encodes bytes as base64url. */
export const encodeBytes = (bytes: Uint8Array): string =>
  fromBytes(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

/** Encodes text as base64url. A lone surrogate becomes U+FFFD. */
export const encode = (text: string): string => encodeBytes(new TextEncoder().encode(text))

/** Decodes base64url to bytes; none for a text that is not base64url. */
export const decodeBytes = (encoded: string): Uint8Array<ArrayBuffer> =>
  isBase64url(encoded) ? bytesOf(atob(encoded.replaceAll('-', '+').replaceAll('_', '/'))) : new Uint8Array(0)

/**
 * Decodes base64url to text; `none` for every text that {@link encode} does not print, so that each text has one
 * encoding: padding, non-zero trailing bits and white space are refused.
 */
export const decode = (encoded: string): Option.Option<string> =>
  isBase64url(encoded) ? toText(encoded.replaceAll('-', '+').replaceAll('_', '/')) : Option.none

/** Whether a text is groups of four characters. The last group may be padded; its trailing bits must be zero. */
const isPaddedBase64 = (text: string): boolean =>
  text.length % 4 === 0 &&
  /^[A-Za-z0-9+/]*={0,2}$/.test(text) &&
  isBase64url(text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'))

/**
 * Decodes padded base64 to UTF-8 text (HTTP Basic, RFC 7617, section 2; data of a FHIR Binary); `none` when the base64
 * or the UTF-8 is malformed. Missing padding, non-zero trailing bits and white space are refused.
 */
export const decodeBase64 = (encoded: string): Option.Option<string> =>
  isPaddedBase64(encoded) ? toText(encoded) : Option.none

/** Encodes UTF-8 text as padded base64 (HTTP Basic, RFC 7617, section 2). */
export const encodeBasic = (text: string): string => fromBytes(new TextEncoder().encode(text))

/** The first 16 of 32 bytes; input and output are base64url, the input has 43 characters. */
export const leftHalf = (encoded: string): string => {
  const last = alphabet.indexOf(encoded.charAt(21))
  return `${encoded.slice(0, 21)}${alphabet.charAt(last - (last % 16))}`
}
