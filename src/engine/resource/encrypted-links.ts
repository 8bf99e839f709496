/**
 * Encrypted links: addresses of the upstream server inside opaque texts that only the gate can read, and that are
 * valid in one context only.
 *
 * @module
 */

import * as Option from 'fp-ts/lib/Option.js'
import { decodeBytes, encodeBytes } from '../../values/base64url.js'

/** Seals texts into links and opens them again. */
export interface EncryptedLinks {
  /** A text of base64url characters. The context is not part of it, and must be the same when it is opened. */
  readonly seal: (text: string, context: string) => Promise<string>
  /** The text; null if it was not encrypted here, was changed, or was encrypted in another context. */
  readonly open: (encrypted: string, context: string) => Promise<string | null>
}

const nonceBytes = 12

/** Links encrypted with AES-GCM (NIST SP 800-38D) under a key; each has a random nonce. */
export const encryptedWith = (key: ReturnType<typeof crypto.subtle.importKey>): EncryptedLinks => {
  const encoder = new TextEncoder()
  const parameters = (nonce: Uint8Array<ArrayBuffer>, context: string) => ({
    name: 'AES-GCM',
    iv: nonce,
    additionalData: encoder.encode(context)
  })
  return {
    seal: async (text, context) => {
      const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes))
      const encrypted = await crypto.subtle.encrypt(parameters(nonce, context), await key, encoder.encode(text))
      return encodeBytes(Uint8Array.of(...nonce, ...new Uint8Array(encrypted)))
    },
    open: async (encrypted, context) => {
      const read = decodeBytes(encrypted)
      if (Option.isNone(read) || read.value.length <= nonceBytes) return null
      const bytes = read.value
      try {
        const opened = await crypto.subtle.decrypt(
          parameters(bytes.slice(0, nonceBytes), context),
          await key,
          bytes.slice(nonceBytes)
        )
        return new TextDecoder('utf-8', { fatal: true }).decode(opened)
      } catch {
        return null
      }
    }
  }
}

/** The links of this process. Another process cannot open them. */
let ofProcess: EncryptedLinks | null = null

/** Links that are encrypted with a key of this process, generated when the first one is needed. */
export const processLinks = (): EncryptedLinks =>
  (ofProcess ??= encryptedWith(
    crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  ))
