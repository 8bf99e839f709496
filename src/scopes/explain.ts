/**
 * What a scope set means, in plain language, for consent pages and logs: data and text, never HTML.
 *
 * A set is explained from its canonical form, so that two spellings of one meaning read the same; and it is said what it does
 * not allow. Sentences come from a table ({@link Sentences}); English is built in.
 *
 * @module
 */
import * as Either from '../values/either.js'
import type { TooComplex } from './atoms.js'
import { english } from './explain-english.js'
import { normalize } from './normalize.js'
import type { ScopeOptions } from './permits.js'
import type { Clause, Level, Permission, Scope, ScopeSet } from './scope.js'
import { isExperimental, isResourceScope } from './scope.js'
import type { ParameterType } from './vocabulary.js'
import { fhirR4 } from './vocabulary.js'

/** The sentences of a language. */
export interface Sentences {
  /** What a resource scope allows, in a few words and in full. The type is null for every type there is. */
  readonly resource: (permissions: ReadonlyArray<Permission>, type: string | null, level: Level) => { readonly short: string; readonly long: string }
  /** What a clause narrows to; a text is asked for by its beginning. */
  readonly constraint: (clause: Clause, type: ParameterType) => string
  /** Knowing what was chosen before the app began. The type is null for plain `launch`. */
  readonly launch: (type: string | null, role: string | null) => { readonly short: string; readonly long: string }
  /** Names that are known (`openid`, `offline_access`, …), by their text. */
  readonly named: Readonly<Record<string, { readonly short: string; readonly long: string }>>
  /** A scope that cannot be explained. */
  readonly unknown: (text: string) => { readonly short: string; readonly long: string }
  readonly doesNotAllow: {
    readonly write: string
    readonly offline: string
    readonly otherPatients: string
    readonly otherTypes: string
    readonly anyRecord: string
  }
}

/** One scope, explained. */
export interface Descriptor {
  readonly scope: Scope
  readonly short: string
  readonly long: string
  readonly marks: {
    /** Every resource type, now and in the future. */
    readonly everyType: boolean
    /** May create, change or delete. */
    readonly write: boolean
    /** Goes on after the user has left. */
    readonly offline: boolean
    /** Uses what SMART calls experimental. */
    readonly experimental: boolean
  }
  /** What each clause of the query narrows to. */
  readonly constraints: ReadonlyArray<{ readonly clause: string; readonly meaning: string }>
}

/** A scope set, explained. */
export interface Explanation {
  readonly allows: ReadonlyArray<Descriptor>
  readonly doesNotAllow: ReadonlyArray<string>
}

const plainMarks = { everyType: false, write: false, offline: false, experimental: false }

const writes: ReadonlyArray<Permission> = ['c', 'u', 'd']

const describe = (sentences: Sentences, scope: Scope): Descriptor => {
  switch (scope._tag) {
    case 'ResourceScope':
      return {
        scope,
        ...sentences.resource(scope.permissions, scope.type === '*' ? null : scope.type, scope.level),
        marks: {
          everyType: scope.type === '*',
          write: scope.permissions.some((permission) => writes.includes(permission)),
          offline: false,
          experimental: scope.query.some(isExperimental)
        },
        constraints: scope.query.map((clause) => ({ clause: clause.text, meaning: sentences.constraint(clause, fhirR4.typeOf(scope.type, clause.name)) }))
      }
    case 'LaunchScope':
      return { scope, ...sentences.launch(scope.type, scope.role), marks: plainMarks, constraints: [] }
    case 'IdentityScope':
    case 'RefreshScope':
    case 'ExtensionScope':
    case 'UnknownScope':
    case 'MalformedScope': {
      const known = Object.hasOwn(sentences.named, scope.text) ? sentences.named[scope.text] : undefined
      return {
        scope,
        ...(known ?? sentences.unknown(scope.text)),
        marks: { ...plainMarks, offline: scope.text === 'offline_access' },
        constraints: []
      }
    }
  }
}

const notAllowed = ({ doesNotAllow }: Sentences, allows: ReadonlyArray<Descriptor>): ReadonlyArray<string> => {
  const resources = allows.map(({ scope }) => scope).filter(isResourceScope)
  if (resources.length === 0) return [doesNotAllow.anyRecord]
  return [
    ...(allows.some(({ marks }) => marks.write) ? [] : [doesNotAllow.write]),
    ...(allows.some(({ marks }) => marks.offline) ? [] : [doesNotAllow.offline]),
    ...(resources.every(({ level }) => level === 'patient') ? [doesNotAllow.otherPatients] : []),
    ...(resources.some(({ type }) => type === '*') ? [] : [doesNotAllow.otherTypes])
  ]
}

/** Explains one scope as it stands. */
export const explainScope = (scope: Scope, sentences: Sentences = english): Descriptor => describe(sentences, scope)

/** Explains a scope set scope by scope, as it stands: whatever its size. */
export const explainEach = (scopes: ScopeSet, sentences: Sentences = english): Explanation => {
  const allows = scopes.map((scope) => describe(sentences, scope))
  return { allows, doesNotAllow: notAllowed(sentences, allows) }
}

/**
 * Explains a scope set from its canonical form.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { explain, parse } from 'smart-app-launch/scopes'
 *
 * const explained = explain(parse('patient/Observation.r patient/Observation.s'))
 * Either.isRight(explained) ? explained.right.allows.map(({ short }) => short) : [] // => ['Read and search Observation records of this patient']
 * Either.isRight(explained) ? explained.right.doesNotAllow[0] : '' // => 'It cannot create, change or delete anything.'
 * ```
 */
export const explain = (
  scopes: ScopeSet,
  sentences: Sentences = english,
  options: ScopeOptions = {}
): Either.Either<TooComplex, Explanation> => {
  const normal = normalize(scopes, options)
  return Either.isLeft(normal) ? normal : Either.right(explainEach(normal.right, sentences))
}
