/**
 * Where search parameters are found in resources: src/values/fhir-r4/paths.ts, ready for use.
 *
 * @module
 */
import { parameterPaths } from '../../../values/fhir-r4/paths.js'

/** What an element is: see src/values/fhir-r4/paths.ts. */
export type ElementKind = 'c' | 'b' | 'k' | 'g' | 'r' | 'u' | 'd' | 't' | 'p' | 'm' | 'n' | 'q' | 'y' | 'a'

/** Where a parameter is found in a resource. */
export interface ElementPath {
  readonly members: ReadonlyArray<string>
  /** The place in `members` of the first that repeats; null where none does. */
  readonly repeatsAt: number | null
  /** The type of which references count; null where all do. */
  readonly target: string | null
  readonly kind: ElementKind
  /** Whether the parameter is a number, so that a range is one of numbers and not of quantities. */
  readonly isNumber: boolean
}

const readPath = (text: string, isNumber: boolean): ElementPath => {
  const [, path = '', target = null, kind = ''] = /^([^@:]*)(?:@(\w+))?:(\w)$/.exec(text) ?? []
  const members = path.split('.')
  const repeatsAt = members.findIndex((member) => member.endsWith('*'))
  return {
    members: members.map((member) => member.replace('*', '')),
    repeatsAt: repeatsAt === -1 ? null : repeatsAt,
    target,
    kind: kind as ElementKind,
    isNumber
  }
}

const tables: ReadonlyMap<string, ReadonlyMap<string, ReadonlyArray<ElementPath>>> = /* @__PURE__ */ new Map(
  Object.entries(parameterPaths).map(([type, parameters]) => [
    type,
    new Map(
      parameters.split(' ').map((word) => {
        const [, name = '', paths = word] = /^([\w-]+)(?:=(.*))?/.exec(word) ?? []
        return [name, paths.split('|').map((path) => readPath(path, paths.includes(':n')))]
      })
    )
  ])
)

/** Where the built-in reader finds a parameter of a resource type; nowhere when it does not know it. */
export const pathsOf = (type: string, parameter: string): ReadonlyArray<ElementPath> =>
  tables.get(type)?.get(parameter) ?? tables.get('Resource')?.get(parameter) ?? []

/** The parameters that the built-in reader reads, by resource type; `Resource` holds those of all types. */
export const readableNames: ReadonlyArray<readonly [resourceType: string, name: string]> = /* @__PURE__ */ [
  ...tables
].flatMap(([type, parameters]) => [...parameters.keys()].map((name) => [type, name] as const))
