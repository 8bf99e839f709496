/**
 * `_include` and `_revinclude` along references, also with `*` and `:iterate`. Source: FHIR R4, search.html, 3.1.1.5.4.
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { SearchFault } from './condition.js'
import type { ParameterReader } from './parameter-values.js'
import { parametersOf } from './parameter-values.js'
import { recordKey } from './records.js'
import type { FhirResource } from './synthetic-data.js'
import type { FhirRelease } from '../../protocol/access/release.js'
import type { Parameters } from '../../protocol/http/form.js'

/** The resources among which a search looks for those to include. */
export interface Surroundings {
  readonly resources: ReadonlyArray<FhirResource>
  readonly mayTouch: (resource: FhirResource) => boolean
  readonly parameter: ParameterReader
  readonly release: FhirRelease
}

interface Include {
  readonly isReverse: boolean
  readonly isIterating: boolean
  /** The type of the resource that holds the reference; null for all types. */
  readonly type: string | null
  /** The parameter; null for all references. */
  readonly name: string | null
  readonly target: string | null
}

const directions: ReadonlyMap<string, Pick<Include, 'isReverse' | 'isIterating'>> = new Map([
  ['_include', { isReverse: false, isIterating: false }],
  ['_include:iterate', { isReverse: false, isIterating: true }],
  ['_revinclude', { isReverse: true, isIterating: false }],
  ['_revinclude:iterate', { isReverse: true, isIterating: true }]
])

/** Whether a parameter of a search includes resources. */
export const namesInclude = (name: string): boolean => directions.has(name)

/** Parses `Type:parameter[:Target]`, `Type:*` or `*`; null if the parameter is not a reference that can be read. */
const readInclude = (parameter: ParameterReader, text: string): Omit<Include, 'isReverse' | 'isIterating'> | null => {
  if (text === '*') return { type: null, name: null, target: null }
  const [type = '', name = '', target = null, ...rest] = text.split(':')
  if (rest.length > 0) return null
  if (name === '*') return { type, name: null, target }
  return parameter(type, name)?.type === 'reference' ? { type, name, target } : null
}

/** The local references of a resource under the parameter of an include, or under all parameters. */
const referencesUnder =
  ({ parameter, release }: Pick<Surroundings, 'parameter' | 'release'>) =>
  ({ type, name, target }: Include, resource: FhirResource): ReadonlyArray<string> => {
    const { resourceType } = resource
    if (type !== null && type !== resourceType) return []
    return (name === null ? parametersOf(release, resourceType) : [name])
      .flatMap((one) => {
        const read = parameter(resourceType, one)
        return read?.type === 'reference' ? read.values(resource) : []
      })
      .filter((reference) => target === null || reference.startsWith(`${target}/`))
  }

/** The resources that matches refer to, or that refer to matches, as a search requests. */
export const includedWith = (
  { resources, mayTouch, parameter, release }: Surroundings,
  matches: ReadonlyArray<FhirResource>,
  parameters: Parameters
): Either.Either<SearchFault, ReadonlyArray<FhirResource>> => {
  const includes: Array<Include> = []
  for (const [name, direction] of directions) {
    for (const text of new Set(parameters.get(name))) {
      const read = readInclude(parameter, text)
      if (read === null) return Either.left({ code: 'not-supported', diagnostics: `${name}=${text} is not supported.` })
      includes.push({ ...read, ...direction })
    }
  }
  if (includes.length === 0) return Either.right([])
  const byName = new Map(resources.map((resource) => [recordKey(resource), resource] as const))
  const under = referencesUnder({ parameter, release })
  /** The referring resources of each reference, for every reverse include. */
  const referring = new Map(
    includes.flatMap((include) => {
      if (!include.isReverse) return []
      const found = new Map<string, Array<FhirResource>>()
      for (const resource of resources) {
        for (const reference of new Set(under(include, resource))) {
          const others = found.get(reference)
          if (others === undefined) found.set(reference, [resource])
          else others.push(resource)
        }
      }
      return [[include, found] as const]
    })
  )
  const around = (include: Include, resource: FhirResource): ReadonlyArray<FhirResource> =>
    include.isReverse
      ? (referring.get(include)?.get(recordKey(resource)) ?? [])
      : under(include, resource).flatMap((reference) => byName.get(reference) ?? [])
  const known = new Set(matches.map(recordKey))
  const found: Array<FhirResource> = []
  let [edge, isFirst] = [matches, true]
  while (edge.length > 0) {
    const next: Array<FhirResource> = []
    for (const include of includes) {
      if (!isFirst && !include.isIterating) continue
      for (const resource of edge.flatMap((one) => around(include, one))) {
        if (known.has(recordKey(resource)) || !mayTouch(resource)) continue
        known.add(recordKey(resource))
        next.push(resource)
      }
    }
    found.push(...next)
    ;[edge, isFirst] = [next, false]
  }
  return Either.right(found)
}
