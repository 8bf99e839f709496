/**
 * Checks certificates of answers about scopes. It shares no code with the toolkit: a party that does not trust the
 * toolkit writes this. `check.py`, `Check.java` and `check.rb` do the same; docs/scope-vectors.md has the rules, and
 * `test/proof/Certificates.v` proves that what they accept is true.
 */
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access -- any JSON */
/* eslint-disable @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call -- any JSON */
/* eslint-disable @typescript-eslint/no-unsafe-return -- any JSON */
type Clause = readonly [name: string, modifier: string | undefined, values: ReadonlyArray<string>]
type Scope = readonly [level: string, type: string, permissions: ReadonlyArray<string>, query: ReadonlyArray<Clause>]
/**
 * The checker's own table of parameters: `token`, `reference`, `uri` or `string`; everything else is `opaque`, and
 * `null` where the table has nothing: opaque for a scope, and read as `*` in an access.
 */
export type TypeOf = (resourceType: string, parameter: string) => string | null
/** Pairs of levels: the first includes the second. */
export type LevelOrder = ReadonlyArray<readonly [string, string]>

const plain = (text: string) => text.replace(/\\([,|$\\])/g, '$1')
const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ς', 'σ')
const split = (text: string, mark: string) => {
  const parts = ['']
  for (const piece of text.match(/\\[^]|[^]/g) ?? [])
    piece === mark ? parts.push('') : (parts[parts.length - 1] += piece) // eslint-disable-line
  return parts
}

const readClause = (text: string): Clause | null => {
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

const readScope = (text: string): Scope | null => {
  const [, level, type = '', old, letters, query] = form.exec(text) ?? []
  const clauses = query === undefined ? [] : query.split('&').map(readClause)
  if (level === undefined || clauses.includes(null)) return null
  const permissions = letters ?? (old === 'read' ? 'rs' : old === 'write' ? 'cud' : 'cruds')
  return [level, type, permissions.split(''), clauses as ReadonlyArray<Clause>]
}

const token = (text: string) => {
  const [system = '', ...code] = split(text, '|')
  return code.length === 0 ? [null, plain(system)] : [plain(system), plain(code.join('|')) || null]
}

const covers = (type: string, wide: string, narrow: string, isWideExact: boolean, isNarrowExact: boolean) => {
  if (type === 'token') return token(wide).every((part, n) => part === null || part === token(narrow)[n])
  if (type === 'string' && !isWideExact) return fold(plain(narrow)).startsWith(fold(plain(wide)))
  if (type === 'string' && !isNarrowExact) return false
  if (type === 'reference' && !/[/:]/.test(wide) && /^[^/:]+\/[^/:]+$/.test(narrow))
    return plain(wide) === plain(narrow).split('/')[1]
  return plain(wide) === plain(narrow)
}

const includes = (order: LevelOrder, wide: string, narrow: string): boolean => {
  const others = order.filter(([from]) => from !== wide)
  return wide === narrow || order.some(([from, to]) => from === wide && includes(others, to, narrow))
}

const typeIn = (typeOf: TypeOf, type: string, [name, modifier]: Clause) => {
  const found = typeOf(type, name) ?? 'opaque'
  return modifier === undefined || (modifier === 'exact' && found === 'string') ? found : 'opaque'
}

/** Whether a scope text permits an access. */
export const permits = (granted: string, access: any, typeOf: TypeOf, order: LevelOrder): boolean => {
  const valuesOf = (name: string): Array<string> => (Object.hasOwn(access.resource, name) ? access.resource[name] : [])
  const holds = (type: string, clause: Clause) => {
    const [name, modifier, values] = clause
    const compared = typeIn(typeOf, type, clause)
    if (compared === 'opaque' && modifier !== undefined) return valuesOf(`${name}:${modifier}`).includes(values.join())
    // Values that the type of the resource (`*` where it is unknown) reads differently are no values for this scope.
    const own = typeOf(access.type, name) ?? typeOf('*', name) ?? 'opaque'
    const indexed = valuesOf(own === compared ? name : `${type}/${name}`)
    if (compared === 'opaque') return indexed.includes(values.join())
    const found = indexed.map((one) => (compared === 'token' ? one : one.replace(/[,|$\\]/g, '\\$&')))
    return values.some((value) => found.some((one) => covers(compared, value, one, modifier !== undefined, true)))
  }
  return granted.split(' ').some((text) => {
    const scope = readScope(text)
    if (scope === null || Object.hasOwn(access, 'atom')) return scope === null && text !== '' && text === access.atom
    const [level, type, permissions, query] = scope
    return (
      includes(order, level, access.level) &&
      (type === '*' || type === access.type) &&
      permissions.includes(access.permission) &&
      query.every((clause) => holds(type, clause))
    )
  })
}

/** An atom of the request that a certificate must cover. */
type Wanted = { readonly text: string; readonly scope: Scope | null; readonly atom: Record<string, unknown> }

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

const provesAnswer = (granted: string, requested: string, given: any, typeOf: TypeOf, order: LevelOrder): boolean => {
  const stated = new Set((given.types as Array<unknown>).map((row) => JSON.stringify(row)))
  if (given.version !== 1 || given.granted !== granted || given.requested !== requested) return false
  if (!isSame(given.levelOrder, order) || given.types.some(([t, n, type]: any) => type !== (typeOf(t, n) ?? 'opaque')))
    return false
  if (given.result === false)
    return permits(requested, given.access, typeOf, order) && !permits(granted, given.access, typeOf, order)
  const typed = (type: string, clause: Clause) =>
    stated.has(JSON.stringify([type, clause[0], typeOf(type, clause[0]) ?? 'opaque']))
      ? typeIn(typeOf, type, clause)
      : null
  const valueCovers = (wideType: string, wide: Clause, v: number, scope: Scope, values: Array<number>, c: number) => {
    const [narrow, type] = [scope[3][c]!, typed(wideType, wide)]
    if (type === null || wide[0] !== narrow[0] || type !== typed(scope[1], narrow)) return false
    if (type === 'opaque') return v === 0 && isSame(wide, narrow)
    return covers(type, wide[2][v]!, narrow[2][values[c]!]!, wide[1] !== undefined, narrow[1] !== undefined)
  }
  const texts = granted.split(' ')
  const scopes = texts.map(readScope)
  // Every atom of the request, in order: what is to be covered does not depend on the certificate.
  const wanted = requested.split(' ').flatMap((text, place): ReadonlyArray<Wanted> => {
    const scope = readScope(text)
    if (scope === null) return text === '' ? [] : [{ text, atom: { requested: place }, scope }]
    const sizes = scope[3].map((clause) => (typed(scope[1], clause) === 'opaque' ? 1 : clause[2].length))
    const choices = sizes.reduce<Array<Array<number>>>(
      (all, size) => all.flatMap((one) => Array.from({ length: size }, (_, value) => [...one, value])),
      [[]]
    )
    return choices.flatMap((values) =>
      scope[2].map((permission) => ({ text, atom: { requested: place, permission, values }, scope }))
    )
  })
  const isCovered = ({ text, atom, scope }: Wanted, { granted: place, by, ...named }: any) => {
    if (!isSame(named, atom)) return false
    if (scope === null) return by === undefined && texts[place] === text
    const [level, type, permissions, query] = scopes[place]!
    return (
      includes(order, level, scope[0]) &&
      (type === '*' || type === scope[1]) &&
      permissions.includes(atom['permission'] as string) &&
      by.length === query.length &&
      query.every((clause, n) => valueCovers(type, clause, by[n][0], scope, atom['values'] as Array<number>, by[n][1]))
    )
  }
  return (
    given.result === true &&
    given.atoms.length === wanted.length &&
    wanted.every((one, n) => isCovered(one, given.atoms[n]))
  )
}

/** Whether a certificate proves its answer to this question. `typeOf` and `order` are the checker's own. */
export const check = (...question: Parameters<typeof provesAnswer>): boolean => {
  try {
    return provesAnswer(...question)
  } catch {
    return false
  }
}
