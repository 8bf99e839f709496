/**
 * Exact conversion between the scope syntaxes of SMART version 1 and version 2. A scope that cannot be converted
 * exactly is refused, never widened.
 *
 * `.read` is `.rs`, `.write` is `.cud`, `.*` is `.cruds`; version 1 has no other permissions and no queries. Source:
 * scopes-and-launch-context, "Scopes for requesting clinical data" (scopes of version 1).
 *
 * @module
 */
import * as Either from '../values/either.js'
import { resourceScope } from './format.js'
import type { Permission, ResourceScope } from './scope.js'

/** The reason why a scope has no exact version 1 spelling. */
export interface NotExpressibleInV1 {
  readonly _tag: 'NotExpressibleInV1'
  readonly scope: string
  readonly because: 'permissions' | 'query'
}

const suffixes: ReadonlyMap<string, string> = new Map([
  ['rs', 'read'],
  ['cud', 'write'],
  ['cruds', '*']
])

const suffixOf = (permissions: ReadonlyArray<Permission>): string | undefined => suffixes.get(permissions.join(''))

/**
 * A scope in version 1 syntax; left when there is no exact equivalent.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { isResourceScope, parse, toV1 } from 'smart-app-launch/fp-ts'
 *
 * const inVersion1 = (text: string) => parse(text).filter(isResourceScope).map(toV1)
 * inVersion1('patient/*.rs').map(Either.map((scope) => scope.text)) // => [Either.right('patient/*.read')]
 * inVersion1('patient/*.r')
 * // => [Either.left({ _tag: 'NotExpressibleInV1', scope: 'patient/*.r', because: 'permissions' })]
 * ```
 */
export const toV1 = (scope: ResourceScope): Either.Either<NotExpressibleInV1, ResourceScope> => {
  const suffix = suffixOf(scope.permissions)
  if (suffix === undefined)
    return Either.left({ _tag: 'NotExpressibleInV1', scope: scope.text, because: 'permissions' })
  if (scope.query.length > 0) return Either.left({ _tag: 'NotExpressibleInV1', scope: scope.text, because: 'query' })
  return Either.right({ ...scope, syntax: 'v1', text: `${scope.level}/${scope.type}.${suffix}` })
}

/** A scope in version 2 syntax. Every version 1 scope has one. */
export const toV2 = (scope: ResourceScope): ResourceScope =>
  scope.syntax === 'v2' ? scope : resourceScope(scope.level, scope.type, scope.permissions)
