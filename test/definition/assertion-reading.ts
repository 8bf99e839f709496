/**
 * The rules of a client assertion, read a second time: field by field, slowly, from the text of the specification, and
 * with nothing shared with `src/machines`. It says whether an assertion may be believed, and if not which field is the
 * first that is wrong.
 *
 * Source: client-confidential-asymmetric, "Authenticating to the Token endpoint" and "Signature Verification"; RFC
 * 7515, section 4; RFC 7519, section 4.1; RFC 7523, section 3; RFC 10070; decisions D1 and D2 (audience and clock
 * skew).
 */

/** What the server knows. */
export interface Reader {
  readonly tokenUrl: string
  readonly issuer: string
  readonly profile: 'smart' | 'guide' | 'rfc10070'
  readonly algorithms: ReadonlyArray<string>
  readonly skew: number
  readonly now: number
  /** The registered keys of each client, or the URL of their keys and the keys that are there. */
  readonly clients: Readonly<Record<string, { readonly url: string | null; readonly keys: ReadonlyArray<unknown> }>>
  /** Whether the signature fits the key. */
  readonly fits: (key: unknown, alg: string, text: string) => boolean
  /** Whether this client used this id before. */
  readonly used: (client: string, id: string) => boolean
}

/** Where an assertion fails; `good` when it does not. */
export type Verdict =
  | 'good'
  | 'form'
  | 'client'
  | 'alg'
  | 'typ'
  | 'crit'
  | 'kid'
  | 'jku'
  | 'no key'
  | 'several keys'
  | 'signature'
  | 'iss and sub'
  | 'aud'
  | 'exp'
  | 'too far ahead'
  | 'nbf or iat'
  | 'jti'
  | 'replay'

type Fields = ReadonlyArray<readonly [string, unknown]>

/** A JSON object as the list of its members, in which a repetition can be seen; null for what is no JSON object. */
const members = (encoded: string): Fields | null => {
  const bytes = Buffer.from(encoded, 'base64url')
  if (bytes.toString('base64url') !== encoded) return null
  const text = bytes.toString('utf8')
  if (!Buffer.from(text, 'utf8').equals(bytes)) return null
  const repeated = { is: false }
  let value: unknown
  try {
    // Each name is made unique before it is read, so that none hides another.
    let count = 0
    const numbered = text.replace(/("(?:[^"\\]|\\.)*")(\s*:)?/g, (whole, quoted: string, colon: string | undefined) =>
      colon === undefined ? whole : `${JSON.stringify(`${String(count++)} ${String(JSON.parse(quoted))}`)}:`
    )
    JSON.parse(text)
    value = JSON.parse(numbered, (_name, inner: unknown) => {
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
      const names = Object.keys(inner).map((name) => name.replace(/^\d+ /, ''))
      if (new Set(names).size < names.length) repeated.is = true
      return inner
    })
  } catch {
    return null
  }
  if (repeated.is || typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return Object.entries(value).map(([name, inner]) => [name.replace(/^\d+ /, ''), inner])
}

const get = (fields: Fields, name: string): unknown => fields.find(([one]) => one === name)?.[1]
const has = (fields: Fields, name: string): boolean => fields.some(([one]) => one === name)

/** The keys with that kid that can have made a signature of that algorithm. */
const candidates = (keys: ReadonlyArray<unknown>, kid: string, alg: string): ReadonlyArray<unknown> => {
  const found: Array<unknown> = []
  for (const key of keys) {
    if (typeof key !== 'object' || key === null) continue
    const member = (name: string): unknown => Object.getOwnPropertyDescriptor(key, name)?.value
    if (member('kid') !== kid) continue
    if (member('d') !== undefined) continue
    if (alg === 'RS384' && member('kty') !== 'RSA') continue
    if (alg === 'ES384' && (member('kty') !== 'EC' || member('crv') !== 'P-384')) continue
    if (member('use') !== undefined && member('use') !== 'sig') continue
    if (member('alg') !== undefined && member('alg') !== alg) continue
    const operations = member('key_ops')
    if (operations !== undefined && !(operations as ReadonlyArray<unknown>).includes('verify')) continue
    found.push(key)
  }
  return found
}

/** Reads an assertion as the specification tells it. */
export const readSlowly = (reader: Reader, text: string): Verdict => {
  const parts = text.split('.')
  if (parts.length !== 3) return 'form'
  const [first = '', second = '', third = ''] = parts
  const header = members(first)
  const claims = members(second)
  if (header === null || claims === null) return 'form'
  if (third === '' || Buffer.from(third, 'base64url').toString('base64url') !== third) return 'form'

  // "Ensure that the client_id provided is known and matches the JWT's iss claim."
  const iss = get(claims, 'iss')
  const client = typeof iss === 'string' && Object.hasOwn(reader.clients, iss) ? reader.clients[iss] : undefined
  if (typeof iss !== 'string' || client === undefined) return 'client'

  // The header: alg, typ, extensions, kid, jku.
  const alg = get(header, 'alg')
  if (typeof alg !== 'string') return 'alg'
  if (!reader.algorithms.includes(alg)) return 'alg'
  if (get(header, 'typ') !== 'JWT') return 'typ'
  if (has(header, 'crit') || has(header, 'b64')) return 'crit'
  const kid = get(header, 'kid')
  if (typeof kid !== 'string') return 'kid'
  if (kid.length === 0 || kid.length > 1024) return 'kid'
  if (has(header, 'jku')) {
    if (client.url === null) return 'jku'
    if (get(header, 'jku') !== client.url) return 'jku'
  }

  // "Identify a set of candidate keys … retain only the single key where the kid matches … and the kty is consistent."
  const found = candidates(client.keys, kid, alg)
  if (found.length === 0) return 'no key'
  if (found.length > 1) return 'several keys'
  if (!reader.fits(found[0], alg, text)) return 'signature'

  // iss and sub are both the client_id.
  const sub = get(claims, 'sub')
  if (typeof sub !== 'string') return 'iss and sub'
  if (sub !== iss) return 'iss and sub'

  // aud: one audience, which is this server.
  let aud = get(claims, 'aud')
  if (Array.isArray(aud)) {
    if (reader.profile === 'rfc10070') return 'aud'
    if (aud.length !== 1) return 'aud'
    aud = (aud as ReadonlyArray<unknown>)[0]
  }
  if (typeof aud !== 'string') return 'aud'
  if (reader.profile === 'rfc10070' && aud !== reader.issuer) return 'aud'
  if (reader.profile === 'guide' && aud !== reader.tokenUrl) return 'aud'
  if (reader.profile === 'smart' && aud !== reader.issuer && aud !== reader.tokenUrl) return 'aud'

  // exp: a number of seconds, later than now, and no more than five minutes ahead; clocks may differ.
  const exp = get(claims, 'exp')
  if (typeof exp !== 'number') return 'exp'
  if (!(exp < Infinity) || !(exp >= 0) || exp >= 9007199254740992) return 'exp'
  if (exp + reader.skew <= reader.now) return 'exp'
  if (exp - reader.skew > reader.now + 5 * 60) return 'too far ahead'

  // nbf and iat: optional numbers of seconds, not later than now.
  for (const name of ['nbf', 'iat']) {
    if (!has(claims, name)) continue
    const time = get(claims, name)
    if (typeof time !== 'number') return 'nbf or iat'
    if (!(time < Infinity) || !(time >= 0)) return 'nbf or iat'
    if (time - reader.skew > reader.now) return 'nbf or iat'
  }

  // jti: a text that this client never used before.
  const jti = get(claims, 'jti')
  if (typeof jti !== 'string') return 'jti'
  if (jti.length < 1 || jti.length > 255) return 'jti'
  for (let index = 0; index < jti.length; index++) {
    const code = jti.charCodeAt(index)
    if (code < 32 || code === 127) return 'jti'
  }
  return reader.used(iss, jti) ? 'replay' : 'good'
}
