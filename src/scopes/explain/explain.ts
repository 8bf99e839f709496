/**
 * The meaning of a scope set in plain language, for consent pages and logs, as data and text, never as HTML.
 *
 * A set is explained from its canonical form, so that two spellings of one meaning read the same. The explanation
 * includes what the set does not allow (`claims.ts`). Sentences come from a table ({@link Sentences}); English is built
 * in. Texts that an app chose (query values, unknown names) are in double quotes. They cannot close the quotes, and
 * they contain no invisible characters.
 *
 * Source: scopes-and-launch-context, "Wildcard scopes": a user who consents to `*` should know that it covers all data
 * now and in the future.
 *
 * @module
 */
import * as Either from '../../values/either.js'
import type { TooComplex } from '../atoms.js'
import type { ClaimName, Rights, RightsOptions } from './claims.js'
import { claimsFor, rightsOf } from './claims.js'
import { explainClause } from './clauses.js'
import { english } from './english.js'
import { normalize } from '../normalize.js'
import type { ScopeOptions } from '../permits.js'
import type { Permission, ResourceScope, Scope, ScopeSet } from '../scope.js'
import { isExperimental } from '../scope.js'
import type { Vocabulary } from '../vocabulary.js'
import { resourceTypeNames } from '../../values/fhir-r4/compartment.js'
import { quoted } from '../../values/shown-text.js'
import { completeOptions } from '../permits.js'
import type { Explained, Sentences } from './sentences.js'

/** The explanation of one scope. */
export interface Descriptor extends Explained {
  readonly scope: Scope
  readonly marks: {
    /** Every resource type, now and in the future. */
    readonly everyType: boolean
    /** Allows creating, changing or deleting. */
    readonly write: boolean
    /** Access continues after the user has left. */
    readonly offline: boolean
    /** Uses a feature that SMART calls experimental. */
    readonly experimental: boolean
  }
  /** The clauses of the query, each with the condition that it adds. */
  readonly constraints: ReadonlyArray<{ readonly clause: string; readonly meaning: string }>
}

/** The explanation of a scope set. */
export interface Explanation {
  readonly allows: ReadonlyArray<Descriptor>
  /** Sentences about what the set does not allow. When a scope cannot be explained: one sentence that says so. */
  readonly doesNotAllow: ReadonlyArray<string>
  /** The names of those sentences; empty when a scope cannot be explained. */
  readonly denies: ReadonlyArray<ClaimName>
}

/** Options of an explanation. */
export interface ExplainOptions extends ScopeOptions, RightsOptions {}

const plainMarks = { everyType: false, write: false, offline: false, experimental: false }

const writes: ReadonlyArray<Permission> = ['c', 'u', 'd']

/** The explanation of a named scope in its set; undefined when the name is unknown. */
const namedInContext = (sentences: Sentences, { _tag, text }: Scope, rights: Rights): Explained | undefined => {
  if (rights.isForSystemsAlone && (_tag === 'IdentityScope' || _tag === 'LaunchScope'))
    return _tag === 'IdentityScope' ? sentences.userOfService : sentences.launchOfService
  if (text === 'fhirUser' && rights.readsOwnRecord) return sentences.ownRecord
  if (text === 'fhirUser' && !rights.hasOpenid) return sentences.loneFhirUser
  if (_tag === 'RefreshScope' && rights.isForSystemsAlone) return sentences.renewalOfService
  return Object.hasOwn(sentences.named, text) ? sentences.named[text] : undefined
}

const isKnownType = (type: string): boolean => ` ${resourceTypeNames} `.includes(` ${type} `)

const explainResource = (sentences: Sentences, scope: ResourceScope, vocabulary: Vocabulary): Descriptor => {
  const { level, permissions, query, type } = scope
  const shownType = type === '*' ? null : isKnownType(type) ? type : quoted(type)
  const constraints = query.map((clause) => ({
    clause: clause.text,
    meaning: sentences.constraint(explainClause(vocabulary, type, clause))
  }))
  return {
    scope,
    ...sentences.resource({
      permissions,
      type: shownType,
      level,
      constraints: constraints.map(({ meaning }) => meaning)
    }),
    marks: {
      everyType: type === '*',
      write: permissions.some((permission) => writes.includes(permission)),
      offline: false,
      experimental: query.some(isExperimental)
    },
    constraints
  }
}

/** Context types with members of their own in the token response. All other types are texts that the app chose. */
const contextTypes: ReadonlyArray<string> = ['patient', 'encounter']

const describe = (sentences: Sentences, scope: Scope, rights: Rights, vocabulary: Vocabulary): Descriptor => {
  switch (scope._tag) {
    case 'ResourceScope':
      return explainResource(sentences, scope, vocabulary)
    case 'LaunchScope': {
      const ofService = namedInContext(sentences, scope, rights)
      if (ofService !== undefined) return { scope, ...ofService, marks: plainMarks, constraints: [] }
      const type = scope.type === null || contextTypes.includes(scope.type) ? scope.type : quoted(scope.type)
      return {
        scope,
        ...sentences.launch(type, scope.role === null ? null : quoted(scope.role)),
        marks: plainMarks,
        constraints: []
      }
    }
    case 'IdentityScope':
    case 'RefreshScope':
    case 'ExtensionScope':
    case 'UnknownScope':
    case 'MalformedScope': {
      const said = namedInContext(sentences, scope, rights)
      return {
        scope,
        ...(said ?? sentences.unknown(quoted(scope.text))),
        marks: { ...plainMarks, offline: scope.text === 'offline_access' },
        constraints: []
      }
    }
  }
}

/** Explains one scope as it is spelled, in the context of its set: `fhirUser` means more beside `openid`. */
export const explainScope = (
  scope: Scope,
  sentences: Sentences = english,
  options: ExplainOptions = {},
  beside: ScopeSet = [scope]
): Descriptor => describe(sentences, scope, rightsOf(beside, options), completeOptions(options).vocabulary)

/** Explains each scope of a set as it is spelled, without a complexity limit. */
export const explainEach = (
  scopes: ScopeSet,
  sentences: Sentences = english,
  options: ExplainOptions = {}
): Explanation => {
  const { vocabulary } = completeOptions(options)
  const rights = rightsOf(scopes, options)
  const denies = claimsFor(rights).map(({ name }) => name)
  return {
    allows: scopes.map((scope) => describe(sentences, scope, rights, vocabulary)),
    doesNotAllow: rights.hasUnexplained ? [sentences.unexplained] : denies.map((name) => sentences.doesNotAllow[name]),
    denies
  }
}

/**
 * Explains a scope set from its canonical form. Left when the set exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { explain, parse } from 'smart-app-launch/fp-ts'
 *
 * const explained = explain(parse('patient/Observation.r patient/Observation.s'))
 * Either.isRight(explained) ? explained.right.allows.map(({ short }) => short) : []
 * // => ['Read and search Observation records of this patient']
 * Either.isRight(explained) ? explained.right.doesNotAllow[0] : '' // => 'It cannot create, change or delete anything.'
 * ```
 */
export const explain = (
  scopes: ScopeSet,
  sentences: Sentences = english,
  options: ExplainOptions = {}
): Either.Either<TooComplex, Explanation> => {
  const normal = normalize(scopes, options)
  return Either.isLeft(normal) ? normal : Either.right(explainEach(normal.right, sentences, options))
}
