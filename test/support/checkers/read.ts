/**
 * Reads what `check.ts` checks: the texts of scopes, and an access. A checker trusts its reader, its table of
 * parameters and its order of levels; what they give is data without text that has to be compared by a rule.
 */
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access -- any JSON */
/* eslint-disable @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment -- the same */
/* eslint-disable @typescript-eslint/no-unsafe-call -- the same */

/** A value: how it is read, its parts (null: left open), and how a string begins, without case and accents. */
export type Value = { readonly kind: string; readonly parts: ReadonlyArray<string | null>; readonly start: string }
/** A clause on a parameter; the way in which the parameter is read is part of its name. An opaque one has one value. */
export type Clause = { readonly parameter: string; readonly values: ReadonlyArray<Value> }
export type Scope = {
  readonly level: string
  readonly type: string
  readonly permissions: ReadonlyArray<string>
  readonly query: ReadonlyArray<Clause>
}
/** A resource scope, or the text of a scope that permits only itself. */
export type Element = Scope | string
/** An access to a resource with its index, or the use of a scope that permits only itself. */
export type Use =
  | {
      readonly level: string
      readonly type: string
      readonly permission: string
      readonly index: ReadonlyMap<string, ReadonlyArray<Value>>
    }
  | string
/** What a certificate must cover: an atom of a requested resource scope, or a scope that permits only itself. */
export type Atom = {
  readonly requested: number
  readonly permission?: string
  readonly values?: ReadonlyArray<number>
}
/** Whether the first level includes the second. */
export type Includes = (wide: string, narrow: string) => boolean
/** A question, read; null stands for the empty scope between two spaces. */
export type Question = {
  readonly granted: ReadonlyArray<Element | null>
  readonly requested: ReadonlyArray<Element | null>
  readonly includes: Includes
  /** What a certificate must state: its version, both texts, the order of the levels, and the types. */
  readonly stated: ReadonlyArray<unknown>
  readonly readUse: (access: any) => Use
}
/**
 * The checker's own table of parameters: `token`, `reference`, `uri` or `string`; everything else is `opaque`, and
 * `null` where the table has nothing: opaque for a scope, and read as `*` in an access.
 */
export type TypeOf = (resourceType: string, parameter: string) => string | null
/** Pairs of levels: the first includes the second. */
export type LevelOrder = ReadonlyArray<readonly [string, string]>

const asText = (value: unknown): string => {
  if (typeof value !== 'string') throw new Error('expected a text')
  return value
}
const plain = (text: string) => text.replace(/\\([,|$\\])/g, '$1')
const escaped = (text: string) => text.replace(/[,|$\\]/g, '\\$&')
const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ς', 'σ')
const split = (text: string, mark: string) => {
  const parts = ['']
  for (const piece of text.match(/\\[^]|[^]/g) ?? [])
    piece === mark ? parts.push('') : (parts[parts.length - 1] += piece) // eslint-disable-line
  return parts
}

const readToken = (text: string): Value['parts'] => {
  const [system = '', ...code] = split(text, '|')
  return code.length === 0 ? [null, plain(system)] : [plain(system), plain(code.join('|')) || null]
}

const readValue = (kind: string, text: string, isExact: boolean): Value => {
  if (kind === 'token') return { kind, parts: readToken(text), start: '' }
  if (kind === 'string') return { kind, parts: [isExact ? plain(text) : null], start: fold(plain(text)) }
  if (kind === 'reference' && !/[/:]/.test(text)) return { kind, parts: [null, plain(text)], start: '' }
  if (kind === 'reference' && /^[^/:]+\/[^/:]+$/.test(text)) return { kind, parts: plain(text).split('/'), start: '' }
  return kind === 'opaque'
    ? { kind, parts: [text], start: '' }
    : { kind: `${kind} as a whole`, parts: [plain(text)], start: '' }
}

type ClauseText = readonly [name: string, modifier: string | undefined, values: ReadonlyArray<string>]

const readClause = (text: string): ClauseText | null => {
  try {
    const [, head = '', value = ''] = /^([^=]+)=(.+)$/.exec(text)?.map(decodeURIComponent) ?? []
    const [, name, modifier] = /^([A-Za-z_][A-Za-z0-9_.-]*)(?::([^]+))?$/.exec(head) ?? []
    const values = split(value, ',')
    return name === undefined || values.includes('') || !/^(?:\\[^]|[^\\])+$/.test(value)
      ? null
      : [name, modifier, values]
  } catch {
    return null
  }
}

const form =
  /^(patient|user|system)\/(\*|[A-Z][A-Za-z0-9]*)\.(?:(read|write|\*)|(?=[cruds])(c?r?u?d?s?)(?:\?([!#-[\]-~]*))?)$/

const readElement = (text: string, read: (type: string, clause: ClauseText) => Clause): Element | null => {
  const [, level, type = '', old, letters, query] = form.exec(text) ?? []
  const clauses = query === undefined ? [] : query.split('&').map(readClause)
  if (level === undefined || clauses.includes(null)) return text === '' ? null : text
  const permissions = letters ?? (old === 'read' ? 'rs' : old === 'write' ? 'cud' : 'cruds')
  return { level, type, permissions: permissions.split(''), query: clauses.map((one) => read(type, one!)) }
}

const includesIn = (order: LevelOrder, wide: string, narrow: string): boolean => {
  const others = order.filter(([from]) => from !== wide)
  return wide === narrow || order.some(([from, to]) => from === wide && includesIn(others, to, narrow))
}

/** Reads a question by the checker's own table and order. */
export const readQuestion = (granted: string, requested: string, typeOf: TypeOf, order: LevelOrder): Question => {
  const types = new Map<string, ReadonlyArray<string>>()
  const readBy = (type: string, [name, modifier, values]: ClauseText): Clause => {
    const found = typeOf(type, name) ?? 'opaque'
    types.set(`${type} ${name}`, [type, name, found])
    if (found !== 'opaque' && (modifier === undefined || (modifier === 'exact' && found === 'string')))
      return {
        parameter: `${found} ${name}`,
        values: values.map((one) => readValue(found, one, modifier !== undefined))
      }
    const parameter = modifier === undefined ? `opaque ${name}` : `opaque ${name}:${modifier}`
    return { parameter, values: [readValue('opaque', values.join(), true)] }
  }
  const readSet = (text: string) => text.split(' ').map((one) => readElement(one, readBy))
  const readUse = (access: any): Use => {
    if (Object.hasOwn(access, 'atom')) return asText(access.atom)
    const [level, own, permission] = [access.level, access.type, access.permission].map(asText) as [
      string,
      string,
      string
    ]
    if (Array.isArray(access.resource) || typeof access.resource !== 'object') throw new Error('expected an object')
    const ownType = (name: string) => typeOf(own, name) ?? typeOf('*', name) ?? 'opaque'
    const index = Object.entries<any>(access.resource).flatMap(([key, texts]) => {
      const [, type, name = key] = /^([^/:]*)\/([^/:]*)$/.exec(key) ?? []
      // `type/name` has the values for scopes of a type (or `*`) that reads the parameter otherwise than the resource.
      const kind = key.includes(':') ? 'opaque' : type === undefined ? ownType(name) : (typeOf(type, name) ?? 'opaque')
      if (type !== undefined && (kind === ownType(name) || ![own, '*'].includes(type))) return []
      const values = texts
        .map(asText)
        .map((one: string) => readValue(kind, /token|opaque/.test(kind) ? one : escaped(one), true))
      if (values.some(({ parts }: Value) => parts.includes(null))) throw new Error('an index value leaves nothing open')
      return [[`${kind} ${name}`, values] as const]
    })
    return { level, type: own, permission, index: new Map(index) }
  }
  const [have, want] = [readSet(granted), readSet(requested)]
  const includes = (wide: string, narrow: string) => includesIn(order, wide, narrow)
  return {
    granted: have,
    requested: want,
    includes,
    stated: [1, granted, requested, order, [...types.values()]],
    readUse
  }
}
