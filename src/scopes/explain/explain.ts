/**
 * What a scope set means, in plain language, for consent pages and logs: data and text, never HTML.
 *
 * A set is explained from its canonical form, so that two spellings of one meaning read the same; and it is said what
 * it does not allow (`explain-claims.ts`). Sentences come from a table ({@link Sentences}); English is built in. What
 * an app chose (values of queries, names that are not known) stands in double quotes, which nothing in it can close,
 * and holds nothing that is not seen.
 *
 * Source: scopes-and-launch-context, "Wildcard scopes": whoever consents to `*` should know that it is all data now and
 * in the future.
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
import { parametersByResourceType } from '../../values/fhir-r4/parameters.js'
import { quoted } from '../../values/shown-text.js'
import { completeOptions } from '../permits.js'
import type { Explained, Sentences } from './sentences.js'

/** One scope, explained. */
export interface Descriptor extends Explained {
  readonly scope: Scope
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
  /** Sentences; where a scope cannot be explained, the one sentence that nobody knows what else is allowed. */
  readonly doesNotAllow: ReadonlyArray<string>
  /** The names of what the sentences deny; empty where a scope cannot be explained. */
  readonly denies: ReadonlyArray<ClaimName>
}

/** What a set is explained with. */
export interface ExplainOptions extends ScopeOptions, RightsOptions {}

const plainMarks = { everyType: false, write: false, offline: false, experimental: false }

const writes: ReadonlyArray<Permission> = ['c', 'u', 'd']

/** What a scope with a name of its own says beside the others of its set; undefined where its name is not known. */
const namedInContext = (sentences: Sentences, { _tag, text }: Scope, rights: Rights): Explained | undefined => {
  if (rights.isForSystemsAlone && (_tag === 'IdentityScope' || _tag === 'LaunchScope'))
    return _tag === 'IdentityScope' ? sentences.userOfService : sentences.launchOfService
  if (text === 'fhirUser' && rights.readsOwnRecord) return sentences.ownRecord
  if (text === 'fhirUser' && !rights.hasOpenid) return sentences.loneFhirUser
  if (_tag === 'RefreshScope' && rights.isForSystemsAlone) return sentences.renewalOfService
  return Object.hasOwn(sentences.named, text) ? sentences.named[text] : undefined
}

const explainResource = (sentences: Sentences, scope: ResourceScope, vocabulary: Vocabulary): Descriptor => {
  const { level, permissions, query, type } = scope
  const shownType = type === '*' ? null : Object.hasOwn(parametersByResourceType, type) ? type : quoted(type)
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

/** Types that have members of their own in the context; others are the app's word. */
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

/** Explains one scope as it stands, beside the others of its set: `fhirUser` means more beside `openid`. */
export const explainScope = (
  scope: Scope,
  sentences: Sentences = english,
  options: ExplainOptions = {},
  beside: ScopeSet = [scope]
): Descriptor => describe(sentences, scope, rightsOf(beside, options), completeOptions(options).vocabulary)

/** Explains a scope set scope by scope, as it stands: whatever its size. */
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
 * Explains a scope set from its canonical form.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { explain, parse } from 'smart-app-launch/scopes'
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
