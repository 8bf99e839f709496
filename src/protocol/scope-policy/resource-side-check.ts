/**
 * The features of the resource side, prepared for use. The authorization server, which grants scopes, and the gate,
 * which evaluates resources by them, use the same value.
 *
 * @module
 */
import type { AccessRules } from '../access/alternatives.js'
import { wrongAccessProfile } from '../access/profiles/profile-check.js'
import type { FhirRelease } from '../access/release.js'
import { releaseIn, releaseR4 } from '../access/release.js'
import { presentationParameters } from '../access/search/query.js'
import { readableNames } from '../access/search/paths.js'
import type { ResourceSide } from '../discovery/resource-side.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { SettingsError } from '../policy/policy-check.js'
import type { RegisteredParameter, Vocabulary } from '../../scopes/vocabulary.js'
import { noMembers, ownMembers } from '../../values/own.js'
import { isResourceTypeName } from '../../values/fhir.js'

/** The search parameters of a release that the built-in reader evaluates, with their types. */
const readableIn = (release: FhirRelease): ReadonlyArray<RegisteredParameter> =>
  readableNames(release).map(([resourceType, name]) => ({
    resourceType,
    name,
    type: release.vocabulary.typeOf(resourceType, name)
  }))

/**
 * The search parameters of FHIR R4 that the built-in reader evaluates, with their types: the default declaration of a
 * server of R4.
 */
export const readableParameters: ReadonlyArray<RegisteredParameter> = /* @__PURE__ */ readableIn(releaseR4)

/** The features of the resource side, prepared for use. */
export interface KnownResourceSide {
  readonly vocabulary: Vocabulary
  /** Whether a parameter is evaluated for a resource type; the name may contain a modifier. */
  readonly evaluates: (resourceType: string, name: string) => boolean
  /** The supported resource types. */
  readonly types: ReadonlySet<string>
  readonly rules: Pick<
    AccessRules,
    'accessProfile' | 'actingTypes' | 'sharedTypes' | 'moreCompartment' | 'operationScopes' | 'release'
  >
  /** The release of the FHIR server. */
  readonly release: FhirRelease
  /** The FHIR base URL; null when none is known. */
  readonly base: string | null
}

/** Prepares a declaration for use. */
export const knownResourceSide = (side: ResourceSide = noMembers, base: string | null = null): KnownResourceSide => {
  const {
    accessProfile = 'compartment',
    actingTypes = [],
    furtherTypes = [],
    moreCompartment = noMembers,
    release,
    operationScopes = [],
    searchParameters,
    sharedTypes = []
  } = ownMembers(side)
  const served = releaseIn(side)
  const names = new Set(
    (searchParameters ?? (release === undefined ? readableParameters : readableIn(served))).map(
      ({ resourceType, name }) => `${resourceType} ${name}`
    )
  )
  return {
    vocabulary:
      searchParameters === undefined
        ? served.vocabulary
        : served.vocabularyWith(searchParameters.filter(({ type }) => type !== 'other')),
    evaluates: (resourceType, name) => names.has(`${resourceType} ${name}`) || names.has(`Resource ${name}`),
    types: new Set([...served.types, ...furtherTypes].filter((type) => type !== 'Parameters')),
    rules: {
      accessProfile,
      actingTypes,
      sharedTypes,
      moreCompartment,
      operationScopes,
      ...(release === undefined ? {} : { release })
    },
    release: served,
    base
  }
}

/** The features of the built-in reader and the gate without options. */
export const builtInSide: KnownResourceSide = /* @__PURE__ */ knownResourceSide()

/**
 * The gate's rules that follow from the declaration, so that both sides agree.
 *
 * @example
 * ```ts
 * import { accessRulesOf, readableParameters } from 'smart-app-launch/resource'
 *
 * const resourceSide = {
 *   searchParameters: [...readableParameters, { resourceType: 'Patient', name: 'race', type: 'token' as const }],
 *   sharedTypes: ['Practitioner'],
 *   actingTypes: ['Subscription']
 * }
 * const rules = accessRulesOf(resourceSide)
 * rules.sharedTypes // => ['Practitioner']
 * rules.actingTypes // => ['Subscription']
 * rules.vocabulary?.typeOf('Patient', 'race') // => 'token'
 * ```
 */
export const accessRulesOf = (
  side: ResourceSide
): Pick<
  AccessRules,
  'accessProfile' | 'actingTypes' | 'sharedTypes' | 'moreCompartment' | 'operationScopes' | 'vocabulary' | 'release'
> => {
  const { rules, vocabulary } = knownResourceSide(side)
  return { ...rules, vocabulary }
}

const parameterName = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/
const withModifier = /^[A-Za-z_][A-Za-z0-9_-]{0,63}:[A-Za-z-]{1,64}$/

/**
 * Parameters that concern the presentation or order of a response, or other resources: they are not conditions on one
 * resource.
 */
const noCondition: ReadonlySet<string> = /* @__PURE__ */ new Set([
  ...presentationParameters,
  '_sort',
  '_include',
  '_revinclude',
  '_type',
  '_filter',
  '_query',
  '_has',
  '_list',
  '_since',
  '_at'
])

/** A declared search parameter, and the release of the FHIR server (default: FHIR R4). */
interface DeclaredParameter extends RegisteredParameter {
  readonly release?: FhirRelease
}

/** The rules of a declared search parameter: what is expected where a rule is broken. */
export const declaredParameterRules: ReadonlyArray<Rule<DeclaredParameter, string>> = [
  {
    name: 'type-well-formed',
    check: ({ resourceType }) => (isResourceTypeName(resourceType) ? null : 'the name of a resource type, or Resource')
  },
  {
    name: 'is-condition',
    check: ({ name }) =>
      noCondition.has(name.split(':')[0] ?? '') ? 'parameters that are conditions on one resource' : null
  },
  {
    name: 'name-well-formed',
    check: ({ name, type }) =>
      parameterName.test(name) || (type === 'other' && withModifier.test(name))
        ? null
        : 'the name of a search parameter, with a modifier only where the type is other'
  },
  {
    name: 'type-of-fhir',
    check: ({ name, resourceType, type, release = releaseR4 }: DeclaredParameter): string | null => {
      const known = release.vocabulary.typeOf(resourceType, name)
      return known === 'other' || known === type
        ? null
        : `the type ${known}, which FHIR ${release.name} gives to this parameter`
    }
  }
]

/** The errors in a declaration, by name. */
export const wrongResourceSide = (side: ResourceSide): ReadonlyArray<SettingsError> => {
  const declared = ownMembers(side)
  const { moreCompartment = noMembers, searchParameters = [] } = declared
  const types = new Map<string, string>()
  const expectedProfile = wrongAccessProfile(declared.accessProfile)
  return [
    ...(expectedProfile === null
      ? []
      : [
          {
            path: 'features.resourceSide.accessProfile',
            expected: expectedProfile,
            found: JSON.stringify(declared.accessProfile).slice(0, 80)
          }
        ]),
    ...searchParameters.flatMap((parameter): ReadonlyArray<SettingsError> => {
      const key = `${parameter.resourceType} ${parameter.name}`
      const isTwice = (types.get(key) ?? parameter.type) !== parameter.type
      types.set(key, parameter.type)
      const expected =
        firstRefusal(declaredParameterRules, { ...parameter, release: releaseIn(side) }) ??
        (isTwice ? 'one type for each parameter of a resource type' : null)
      return expected === null
        ? []
        : [{ path: 'features.resourceSide.searchParameters', expected, found: JSON.stringify(parameter) }]
    }),
    ...(['sharedTypes', 'actingTypes', 'furtherTypes'] as const).flatMap((member) =>
      (declared[member] ?? [])
        .filter((type) => !isResourceTypeName(type))
        .map((type) => ({
          path: `features.resourceSide.${member}`,
          expected: 'names of resource types',
          found: JSON.stringify(type)
        }))
    ),
    ...Object.keys(moreCompartment)
      .filter((type) => !isResourceTypeName(type))
      .map((type) => ({
        path: 'features.resourceSide.moreCompartment',
        expected: 'parameters by the names of resource types',
        found: JSON.stringify(type)
      }))
  ]
}
