/**
 * Where search parameters are found in resources: the table src/values/fhir-r4/paths.ts, parsed.
 *
 * @module
 */
import { parameterPaths } from '../../../values/fhir-r4/paths.js'

/** The kind of an element: see src/values/fhir-r4/paths.ts. */
export type ElementKind = 'c' | 'b' | 'k' | 'g' | 'r' | 'u' | 'd' | 't' | 'p' | 'm' | 'n' | 'q' | 'y' | 'a'

/** The path of a parameter in a resource. */
export interface ElementPath {
  readonly members: ReadonlyArray<string>
  /** The index in `members` of the first repeating member; null when none repeats. */
  readonly repeatsAt: number | null
  /** The only target type of references that counts; null for all. */
  readonly target: string | null
  readonly kind: ElementKind
  /** Whether the parameter is of type number; a Range then has numbers, not quantities. */
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

/** The paths of a parameter for a resource type; empty when the built-in reader does not support it. */
export const pathsOf = (type: string, parameter: string): ReadonlyArray<ElementPath> =>
  tables.get(type)?.get(parameter) ?? tables.get('Resource')?.get(parameter) ?? []

/** The parameters that the built-in reader supports, by resource type; `Resource` for those of all types. */
export const readableNames: ReadonlyArray<readonly [resourceType: string, name: string]> = /* @__PURE__ */ [
  ...tables
].flatMap(([type, parameters]) => [...parameters.keys()].map((name) => [type, name] as const))
