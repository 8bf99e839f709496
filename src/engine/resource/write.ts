/**
 * Writes through the gate: the stored version is read and checked, the result is checked, and only then is it written,
 * to exactly the version that was read (If-Match). A patch is applied here and written as an update.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import {
  answeredWithoutResource,
  fhirResponse,
  insufficientScope,
  isUpstreamError,
  isWriteSuccess,
  namesTag,
  notFoundResponse,
  refusalBy,
  resourceIn,
  upstreamFailed,
  versionOf,
  writeUnknown
} from './responses.js'
import type { GateContext, GateResult } from './gate-context.js'
import { publicResource } from './public-urls.js'
import { matchesOf } from './search.js'
import { patchFormatRefused, unpatched } from './formats.js'
import { hiddenIfTooLarge, hidesNothing, upstreamRefused } from './upstream-answer.js'
import type { StopReason } from './cost.js'
import { alternativesIn } from '../../protocol/access/alternatives.js'
import { mayResolveReferences } from '../../protocol/access/decision.js'
import { missingForResource } from '../../protocol/access/missing-for-resource.js'
import type { FhirInteraction, Resource } from '../../protocol/access/fhir-interaction.js'
import { deepestBody } from '../../protocol/access/read-interaction.js'
import { isResource } from '../../protocol/access/fhir-interaction.js'
import type { SearchQuery } from '../../protocol/access/search/query.js'
import { printSearchQuery } from '../../protocol/access/search/query.js'
import type { PatchError } from '../../protocol/access/json-patch.js'
import { applyPatch } from '../../protocol/access/json-patch.js'
import type { PatchUncertain } from '../../protocol/access/fhirpath/fhirpath-patch.js'
import { applyFhirPathPatch, isFhirPathPatch } from '../../protocol/access/fhirpath/fhirpath-patch.js'
import { wholeMemberPatch } from '../../protocol/access/fhirpath/whole-members.js'
import { releaseIn } from '../../protocol/access/release.js'
import type { PatchReads } from '../../protocol/access/unread-patch.js'
import { unreadOutcome } from '../../protocol/access/unread-patch.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { isNestedWithin, parseJson } from '../../values/json.js'
import { withNumbersAsTexts } from '../../values/json-numbers.js'
import { headerOf } from '../../protocol/http/message.js'
import type { Permission } from '../../scopes/scope.js'
import { noMembers, ownMembers } from '../../values/own.js'
import { isFhirJsonBody, isJsonPatch } from '../../protocol/http/media-type.js'

/** An interaction that writes. */
export type Write = Extract<FhirInteraction, { readonly _tag: 'Create' | 'Update' | 'Patch' | 'Delete' }>

const writing: ReadonlySet<string> = new Set(['Create', 'Update', 'Patch', 'Delete'])

/** Whether an interaction writes. */
export const isWriting = (interaction: FhirInteraction): interaction is Write => writing.has(interaction._tag)

/** A stored resource, with the version that a write must match; null if the server gives none. */
export interface Stored {
  readonly resource: Resource
  readonly version: string | null
}

/**
 * The resource for the response to a write: only if the token allows reading it and the client wants it. It may still
 * contain values of the stored version, so that one must be readable too.
 */
const shown = (gateContext: GateContext, resource: Resource | null, before: Resource | null): Resource | null =>
  resource !== null && gateContext.mayShow(resource) && (before === null || gateContext.mayShow(before))
    ? resource
    : null

/** The header fields of a write response that are forwarded. */
const forwardedHeaders: ReadonlyArray<string> = ['etag', 'location', 'last-modified']

/** Whether the token may read a resource; false if a function of the host fails. */
const mayRead = (gateContext: GateContext, resource: Resource | null): boolean => {
  try {
    return resource === null || gateContext.may('r', resource)
  } catch {
    return false
  }
}

/**
 * The response to a write over a stored version; `before` is null if there was none, and `after` if nothing is stored.
 * What the server says of a refusal may speak of both.
 */
const afterWrite =
  (gateContext: GateContext, before: Resource | null, after: Resource | null) =>
  (response: PlainResponse): PlainResponse => {
    if (response.status >= 400 || isUpstreamError(response)) {
      const isReadable = mayRead(gateContext, before) && mayRead(gateContext, after)
      const reach = isReadable ? 'request' : before === null ? 'place' : 'code'
      return upstreamRefused(gateContext, response, reach, JSON.stringify([before, after]))
    }
    if (!isWriteSuccess(response)) return writeUnknown()
    const headers = Object.fromEntries(
      Object.entries(response.headers).filter(([name]) => forwardedHeaders.includes(name))
    )
    const resource = shown(gateContext, resourceIn(response), before)
    return fhirResponse(
      response.status,
      resource === null ? null : publicResource(gateContext.options, resource),
      headers
    )
  }

/** The refusal of a resource that the token does not permit to write, with the least scope that would. */
const refusedWrite = (gateContext: GateContext, permission: Permission, resource: Resource): PlainResponse => {
  const { facts, options, evaluation } = gateContext
  const missing = missingForResource(facts, options.rules ?? noMembers, permission, resource, evaluation)
  return insufficientScope(missing, 'written-resource-permitted')
}

const otherVersion = (diagnostics?: string): PlainResponse => refusalBy('version-matches', 412, 'conflict', diagnostics)

/**
 * The stored version that a write concerns; null if there is none. One that is too large to be checked looks missing,
 * except to an update, which is refused for an id that is in use.
 */
export const storedFor = (
  gateContext: GateContext,
  { _tag, type }: Write,
  id: string
): TaskEither.TaskEither<StopReason, Either.Either<PlainResponse, Stored | null>> =>
  pipe(
    gateContext.ask({ method: 'GET', path: `/${type}/${id}` }),
    TaskEither.map((response): Either.Either<PlainResponse, Stored | null> => {
      if (response.status === 404 || response.status === 410) return Either.right(null)
      const resource = resourceIn(response)
      if (isUpstreamError(response)) return Either.left(upstreamFailed(response))
      // If nothing can be hidden, the client may know what the server says about the id.
      if (response.status >= 400 && hidesNothing(gateContext))
        return Either.left(upstreamRefused(gateContext, response, 'request', ''))
      if (response.status !== 200 || resource === null || resource.resourceType !== type || resource.id !== id) {
        return Either.left(answeredWithoutResource())
      }
      return Either.right({ resource, version: versionOf(resource, response) })
    }),
    (stored) =>
      _tag === 'Update'
        ? stored
        : hiddenIfTooLarge<Either.Either<PlainResponse, Stored | null>>(gateContext, Either.left)(stored)
  )

/** The condition that binds a write in a transaction to one version. */
type Guard = { readonly ifMatch: string } | { readonly ifNoneMatch: '*' }

/** The same condition as a header field. */
const guardHeader = (guard: Guard): Readonly<Record<string, string>> => {
  const { ifMatch } = ownMembers(guard as { readonly ifMatch?: string })
  return ifMatch === undefined ? { 'if-none-match': '*' } : { 'if-match': ifMatch }
}

/**
 * The condition that binds a write to the version that was checked: its tag, or `*` for no version at all. A refusal if
 * the server gives no versions; it comes only after the access check, because a hidden resource must look like a
 * missing one.
 */
export const guardOf = (stored: Stored | null): Either.Either<PlainResponse, Guard> => {
  if (stored === null) return Either.right({ ifNoneMatch: '*' })
  return stored.version === null
    ? Either.left(refusalBy('version-known', 412, 'conflict'))
    : Either.right({ ifMatch: `W/"${stored.version}"` })
}

/** The result of a patch as a resource; a refusal if it is nested too deep, or is another resource than before. */
const patchedResource = (stored: Resource, after: unknown): Either.Either<PlainResponse, Resource> => {
  if (!isNestedWithin(deepestBody, after))
    return Either.left(refusalBy('patch-applies', 422, 'too-long', 'The patched resource is nested too deep.'))
  return isResource(after) && after.resourceType === stored.resourceType && after.id === stored.id
    ? Either.right(after)
    : Either.left(refusalBy('patch-applies', 422, 'processing', 'The patch changes which resource it is.'))
}

/** The checked result of a patch on the stored version. */
const checkedPatch = (
  gateContext: GateContext,
  stored: Resource,
  patch: unknown,
  isFhirPath: boolean
): Either.Either<PlainResponse, Resource> => {
  const { facts, options, budget } = gateContext
  const mayBeWritten = (resource: Resource): boolean =>
    gateContext.may('u', resource, stored) && mayResolveReferences(facts, resource, options.rules)
  const release = releaseIn(options.rules ?? noMembers)
  if (gateContext.may('r', stored)) {
    return pipe(
      isFhirPath ? applyFhirPathPatch(stored, patch, budget.limits, release) : applyPatch(stored, patch, budget.limits),
      Either.mapLeft(unpatched),
      Either.chain((after) => patchedResource(stored, after)),
      Either.filterOrElse(mayBeWritten, () => insufficientScope([], 'written-resource-permitted'))
    )
  }
  const wholeMembers: Either.Either<PatchError | PatchReads | PatchUncertain, unknown> = isFhirPath
    ? wholeMemberPatch(stored.resourceType, patch, budget.limits, release)
    : Either.right(patch)
  return pipe(
    wholeMembers,
    Either.chainW((members) =>
      unreadOutcome(stored, members, alternativesIn(facts, options.rules ?? noMembers), {
        ...budget.limits,
        // One operation of a FHIRPath Patch may be several on members; its own are counted above.
        ...(isFhirPath ? { patchOperations: Infinity } : {})
      })
    ),
    Either.mapLeft(unpatched),
    Either.chain(({ outcome: after, alone }) =>
      pipe(
        patchedResource(stored, after),
        Either.filterOrElse(
          (resource) => (alone === null || gateContext.may('u', alone)) && mayBeWritten(resource),
          () => insufficientScope([], 'written-resource-permitted')
        )
      )
    )
  )
}

/** A patch with its numbers as they are written, also if it came in a Binary. */
const patchIn = ({ body }: PlainRequest): unknown => Option.toUndefined(parseJson(withNumbersAsTexts(body)))

/** Whether the `If-Match` of a client names another version than the stored one. */
const isOther = (wanted: string | undefined, stored: Stored | null): boolean =>
  wanted !== undefined && (stored === null || !namesTag(wanted, `W/"${stored.version ?? ''}"`))

/** The resource to write over a stored version (null: over nothing), checked against both versions. */
export const checkedWrite = (
  gateContext: GateContext,
  write: Write,
  id: string,
  stored: Stored | null,
  request: PlainRequest
): Either.Either<PlainResponse, Resource | null> => {
  const wanted = headerOf(request, 'if-match')
  switch (write._tag) {
    case 'Create':
      return gateContext.may('c', write.resource)
        ? Either.right(write.resource)
        : Either.left(refusedWrite(gateContext, 'c', write.resource))
    case 'Delete':
      if (stored === null) return Either.left(notFoundResponse())
      if (!gateContext.may('d', stored.resource, stored.resource))
        return Either.left(notFoundResponse('resource-permitted'))
      return isOther(wanted, stored) ? Either.left(otherVersion()) : Either.right(null)
    case 'Update': {
      const resource = ownMembers({ ...write.resource, id })
      const before = stored?.resource ?? null
      // Stored values may stay, but without permission to read them no response may depend on them.
      const known = before !== null && gateContext.may('r', before) ? before : null
      if ((before !== null && !gateContext.may('u', before, before)) || !gateContext.may('u', resource, known))
        return Either.left(refusedWrite(gateContext, 'u', resource))
      if (stored !== null && headerOf(request, 'if-none-match')?.trim() === '*')
        return Either.left(otherVersion('There is such a resource already.'))
      return isOther(wanted, stored) ? Either.left(otherVersion()) : Either.right(resource)
    }
    case 'Patch': {
      if (stored === null) return Either.left(notFoundResponse())
      if (!gateContext.may('u', stored.resource, stored.resource))
        return Either.left(notFoundResponse('resource-permitted'))
      if (isOther(wanted, stored)) return Either.left(otherVersion())
      const patch = patchIn(request)
      return isJsonPatch(request) || (isFhirJsonBody(request) && isFhirPathPatch(patch))
        ? checkedPatch(gateContext, stored.resource, patch, !isJsonPatch(request))
        : Either.left(patchFormatRefused())
    }
  }
}

const writeAt = (
  gateContext: GateContext,
  write: Exclude<Write, { readonly _tag: 'Create' }>,
  id: string,
  request: PlainRequest
): GateResult =>
  pipe(
    storedFor(gateContext, write, id),
    // The response shows what the token may read, which may depend on other resources.
    TaskEither.chainFirst((found) =>
      gateContext.prepare(Either.isLeft(found) || found.right === null ? [] : [found.right.resource])
    ),
    TaskEither.chain((found) => {
      if (Either.isLeft(found)) return TaskEither.right(found.left)
      const checked = checkedWrite(gateContext, write, id, found.right, request)
      if (Either.isLeft(checked)) return TaskEither.right(checked.left)
      const path = `/${write.type}/${id}`
      const kept = guardOf(found.right)
      if (Either.isLeft(kept)) return TaskEither.right(kept.left)
      const guard = guardHeader(kept.right)
      return pipe(
        checked.right === null
          ? gateContext.ask({ method: 'DELETE', path, headers: guard })
          : gateContext.ask({
              method: 'PUT',
              path,
              headers: { ...guard, prefer: 'return=representation' },
              body: JSON.stringify(checked.right)
            }),
        TaskEither.map(afterWrite(gateContext, found.right?.resource ?? null, checked.right))
      )
    })
  )

/** Creates a resource; with a condition, the server checks the condition again when it writes. */
const createNew = (
  gateContext: GateContext,
  write: Extract<Write, { readonly _tag: 'Create' | 'Update' }>,
  condition: SearchQuery | null
): GateResult => {
  const resource = write.resource
  const permission = write._tag === 'Create' ? 'c' : 'u'
  if (!gateContext.may(permission, resource)) return TaskEither.right(refusedWrite(gateContext, permission, resource))
  return pipe(
    gateContext.ask({
      method: 'POST',
      path: `/${write.type}`,
      headers: {
        prefer: 'return=representation',
        ...(condition === null ? {} : { 'if-none-exist': printSearchQuery(condition) })
      },
      body: JSON.stringify(resource)
    }),
    TaskEither.map(afterWrite(gateContext, null, resource))
  )
}

const manyMatches = (): PlainResponse => refusalBy('condition-matches-one', 412, 'multiple-matches')

/** The match of a condition among the resources that the token may search: the one id, null for none, or a refusal. */
const oneMatch = (
  gateContext: GateContext,
  type: string,
  query: SearchQuery
): TaskEither.TaskEither<StopReason, Either.Either<PlainResponse, Resource | null>> =>
  pipe(
    matchesOf(gateContext, type, query),
    TaskEither.map(
      Either.chain((matches) => (matches.length > 1 ? Either.left(manyMatches()) : Either.right(matches.at(0) ?? null)))
    )
  )

const conditionally = (
  gateContext: GateContext,
  write: Write,
  query: SearchQuery,
  request: PlainRequest,
  isFree: boolean
): GateResult =>
  pipe(
    oneMatch(gateContext, write.type, query),
    TaskEither.chain(
      Either.match(
        (refusal) => TaskEither.right(refusal),
        (match) => {
          if (write._tag === 'Create') {
            if (!gateContext.may('c', write.resource))
              return TaskEither.right(refusedWrite(gateContext, 'c', write.resource))
            // If something is hidden, the server's own condition would reveal it.
            return match === null
              ? createNew(gateContext, write, isFree ? query : null)
              : TaskEither.right(fhirResponse(200, shown(gateContext, match, null)))
          }
          if (match?.id !== undefined) {
            if (write._tag === 'Update' && write.resource.id !== undefined && write.resource.id !== match.id) {
              return TaskEither.right(refusalBy('condition-matches-id', 400, 'invalid'))
            }
            return writeAt(gateContext, write, match.id, request)
          }
          if (write._tag !== 'Update') return TaskEither.right(notFoundResponse())
          return write.resource.id === undefined
            ? createNew(gateContext, write, null)
            : writeAt(gateContext, write, write.resource.id, request)
        }
      )
    )
  )

/** A write through the gate; `isFree` if the token may read and write all that the request can change. */
export const write = (
  gateContext: GateContext,
  interaction: Write,
  request: PlainRequest,
  isFree: boolean
): GateResult => {
  if (interaction._tag === 'Create') {
    return interaction.condition === null
      ? createNew(gateContext, interaction, null)
      : conditionally(gateContext, interaction, interaction.condition, request, isFree)
  }
  return interaction.target._tag === 'Id'
    ? writeAt(gateContext, interaction, interaction.target.id, request)
    : conditionally(gateContext, interaction, interaction.target.query, request, isFree)
}
