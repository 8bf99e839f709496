/**
 * The form of the tables that say where search parameters are found in resources, and their reader.
 *
 * @module
 */

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

/** The paths of parameters by resource type and name; `Resource` holds those of all types. */
export type PathTable = ReadonlyMap<string, ReadonlyMap<string, ReadonlyArray<ElementPath>>>

const readPath = (text: string, isNumber: boolean): ElementPath => {
  const [place, kind] = [text.slice(0, -2), text.slice(-1)]
  const at = place.indexOf('@')
  const members = (at === -1 ? place : place.slice(0, at)).split('.')
  const repeatsAt = members.findIndex((member) => member.endsWith('*'))
  return {
    members: members.map((member) => member.replace('*', '')),
    repeatsAt: repeatsAt === -1 ? null : repeatsAt,
    target: at === -1 ? null : place.slice(at + 1),
    kind: kind as ElementKind,
    isNumber
  }
}

/** Reads the generated table of a release: see src/values/fhir-r4/paths.ts. */
export const readPathTable = (rows: Readonly<Record<string, string>>): PathTable =>
  new Map(
    Object.entries(rows).map(([type, parameters]) => [
      type,
      new Map(
        parameters.split(' ').map((word) => {
          // Without an equals sign, the name is also the path.
          const [name, paths] = [word.replace(/[^\w-].*/, ''), word.slice(word.indexOf('=') + 1)]
          return [name, paths.split('|').map((path) => readPath(path, paths.includes(':n')))]
        })
      )
    ])
  )
