/** The JSON of scopes and accesses on the command line. */
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Access } from '../../scopes/permits.js'
import type { Scope } from '../../scopes/scope.js'

/** A scope as JSON. */
export const scopeJson = (scope: Scope): Readonly<Record<string, unknown>> => {
  switch (scope._tag) {
    case 'ResourceScope':
      return {
        kind: 'resource',
        level: scope.level,
        type: scope.type,
        permissions: scope.permissions.join(''),
        query: scope.query.map(({ name, modifier, values }) => ({ name, modifier, values })),
        syntax: scope.syntax,
        text: scope.text
      }
    case 'LaunchScope':
      return { kind: 'launch', type: scope.type, role: scope.role, text: scope.text }
    case 'IdentityScope':
      return { kind: 'identity', text: scope.text }
    case 'RefreshScope':
      return { kind: 'refresh', text: scope.text }
    case 'ExtensionScope':
      return { kind: 'extension', text: scope.text }
    case 'UnknownScope':
      return { kind: 'unknown', text: scope.text }
    case 'MalformedScope':
      return { kind: 'malformed', text: scope.text, reason: scope.reason, position: scope.position }
  }
}

const AccessCodec = t.union([
  t.strict({
    level: t.keyof({ patient: null, user: null, system: null }),
    type: t.string,
    permission: t.keyof({ c: null, r: null, u: null, d: null, s: null }),
    resource: t.record(t.string, t.readonlyArray(t.string))
  }),
  t.strict({ atom: t.string })
])

/** Reads an access; anything else is a `Left` without details. */
export const readAccess = (json: unknown): Either.Either<null, Access> =>
  Either.mapLeft(() => null)(AccessCodec.decode(json))
