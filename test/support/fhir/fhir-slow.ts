import * as Either from 'fp-ts/lib/Either.js'
import type { Res } from '../fhir-fixture.js'
import { base, earlier, indexOf, isDated, lastOf, matchesParameter, namedIn, targetsOf } from '../fhir-fixture.js'
import { applyPatch } from '../../../src/protocol/access/json-patch.js'
import { parse } from '../../../src/scopes/parse.js'
import { permits } from '../../../src/scopes/permits.js'
import type { Permission, ResourceScope } from '../../../src/scopes/scope.js'
import { isResourceScope } from '../../../src/scopes/scope.js'

/** Scopes and context of a token, and the access profile of the server. */
export interface Token {
  readonly profile: 'compartment' | 'us-core'
  readonly scope: string
  readonly patient: string | undefined
}

/** One request of the random ones, in a form that needs no classifier. */
export type Asked =
  | { readonly kind: 'read'; readonly type: string; readonly id: string }
  | { readonly kind: 'search'; readonly type: string; readonly query: ReadonlyArray<readonly [string, string]> }
  | { readonly kind: 'create'; readonly resource: Res }
  | { readonly kind: 'update'; readonly resource: Res }
  | { readonly kind: 'patch'; readonly type: string; readonly id: string; readonly patch: ReadonlyArray<unknown> }
  | { readonly kind: 'delete'; readonly type: string; readonly id: string }
  | { readonly kind: 'delete-if'; readonly type: string; readonly query: ReadonlyArray<readonly [string, string]> }
  | {
      readonly kind: 'create-if' | 'update-if'
      readonly resource: Res
      readonly query: ReadonlyArray<readonly [string, string]>
    }
  | {
      readonly kind: 'patch-if'
      readonly type: string
      readonly query: ReadonlyArray<readonly [string, string]>
      readonly patch: ReadonlyArray<unknown>
    }
  /** The versions of one resource, or of a type (null). */
  | { readonly kind: 'history'; readonly type: string; readonly id: string | null; readonly count: number | null }
  | {
      readonly kind: 'compartment'
      readonly patient: string
      readonly type: string
      readonly query: ReadonlyArray<readonly [string, string]>
    }
  | {
      readonly kind: 'everything'
      readonly patient: string
      /** The parameter `_type`; empty where it is not sent. */
      readonly types: ReadonlyArray<string>
      readonly count: number | null
    }
  /** `$lastn` of a patient's Observations, or of all (null). */
  | { readonly kind: 'lastn'; readonly patient: string | null }
  | { readonly kind: 'bundle'; readonly isTransaction: boolean; readonly entries: ReadonlyArray<Asked> }

/** What came of a request: what was shown, how many were counted (null when nothing was), and what is stored then. */
export interface Result {
  readonly shown: ReadonlyArray<string>
  readonly total: number | null
  readonly stored: ReadonlyArray<string>
}

const refersTo = (resource: Res): ReadonlyArray<string> => {
  const index = indexOf(resource)
  if (resource.resourceType === 'Observation') return [...(index['subject'] ?? []), ...(index['performer'] ?? [])]
  return resource.resourceType === 'Condition'
    ? [...(index['subject'] ?? []), ...(index['asserter'] ?? [])]
    : ['Encounter', 'DocumentReference', 'Provenance'].includes(resource.resourceType)
      ? [...(index['patient'] ?? [])]
      : []
}

/** What is stored when a request is checked. */
let world: ReadonlyArray<Res> = []

const isStored = (name: string): Res | undefined => world.find((one) => keyOf(one) === name)

const sharedTypes: ReadonlyArray<string> = ['Practitioner', 'Organization']

/** The types that no `patient/` scope opens by the compartment alone. */
const opensNothing: ReadonlyArray<string> = ['Practitioner', 'Organization', 'Device', 'Binary']

/** Whether a token may read or search what another resource depends on; a Provenance or a Binary counts never. */
const reaches = ({ patient, scope }: Token, name: string): 'own' | 'shared' | 'none' => {
  const found = isStored(name)
  if (found === undefined || ['Provenance', 'Binary'].includes(found.resourceType)) return 'none'
  const ofPatient = scope
    .split(' ')
    .filter((one) => one.startsWith('patient/'))
    .join(' ')
  const token: Token = { scope: ofPatient, patient, profile: 'us-core' }
  if (!may(token, 'r', found) && !may(token, 's', found)) return 'none'
  return sharedTypes.includes(found.resourceType) ? 'shared' : 'own'
}

/** Whether the access profile opens a resource for reading, beside the compartment. */
const isOpened = (token: Token, resource: Res): boolean => {
  if (token.profile === 'compartment') return false
  switch (resource.resourceType) {
    case 'Practitioner':
    case 'Organization':
      return true
    case 'Device':
      return (indexOf(resource)['patient'] ?? []).includes(`Patient/${token.patient ?? ''}`)
    case 'Provenance': {
      const all = targetsOf(resource).map((name) => reaches(token, name))
      return all.includes('own') || (all.length > 0 && all.every((one) => one === 'shared'))
    }
    case 'Binary': {
      const context = resource['securityContext'] as { readonly reference: string } | undefined
      if (context !== undefined) return reaches(token, context.reference) !== 'none'
      return world.some(
        (one) =>
          one.resourceType === 'DocumentReference' &&
          namedIn(one).includes(keyOf(resource)) &&
          reaches(token, keyOf(one)) !== 'none'
      )
    }
    default:
      return false
  }
}

const isOf = (resource: Res, patient: string): boolean =>
  resource.resourceType === 'Patient' ? resource.id === patient : refersTo(resource).includes(`Patient/${patient}`)

/**
 * Whether a write names another patient. A URN that names no entry may be anybody's name: only one that is stored there
 * already may stay.
 */
const othersIn = (resource: Res, patient: string, before: Res | undefined): boolean =>
  refersTo(resource).some(
    (one) =>
      (one.includes('Patient/') && one !== `Patient/${patient}`) ||
      (one.startsWith('urn:') && (before === undefined || !refersTo(before).includes(one)))
  )

/** The host's own rule: users see the patients a and b, and what is no patient's. */
export const userSees = (resource: Res): boolean =>
  resource.resourceType === 'Patient' ? resource.id !== 'c' : !refersTo(resource).includes('Patient/c')

/** The links of a Patient, as texts. */
const linksOf = (resource: Res): ReadonlyArray<string> =>
  ((resource['link'] ?? []) as ReadonlyArray<{ other: { reference?: string }; type: string }>).map(
    ({ other, type }) =>
      `${type} ${other.reference?.replace(`${base}/`, '').replace(/\/_history.*/, '') ?? JSON.stringify(other)}`
  )

/** Whether a Patient is linked to somebody else than before. */
const isLinkedAnew = (resource: Res, before: Res | undefined): boolean =>
  resource.resourceType === 'Patient' &&
  linksOf(resource).some(
    (link) => !link.endsWith(` Patient/${resource.id}`) && !(before === undefined ? [] : linksOf(before)).includes(link)
  )

/** Whether a document names a Binary that it did not name before, which would open it. */
const namesAnew = (resource: Res, before: Res | undefined): boolean =>
  namedIn(resource).some(
    (name) => name.startsWith('Binary/') && (before === undefined || !namedIn(before).includes(name))
  )

/** Whether `patient/` scopes of a token read Binaries, and nothing else of it reads all of them. */
const readsBinariesOfPatient = ({ scope }: Token): boolean => {
  const reading = parse(scope)
    .filter(isResourceScope)
    .filter(({ type, permissions }) => ['Binary', '*'].includes(type) && /[rs]/.test(permissions.join('')))
  return (
    reading.some(({ level }) => level === 'patient') &&
    !reading.some(({ level, query }) => level !== 'patient' && query.length === 0)
  )
}

/**
 * Whether a token may touch a resource: by the definition of scopes, the compartment, and the host's rule; scope by
 * scope. `before` is what a write changes.
 */
export const may = (token: Token, letter: Permission, resource: Res, before?: Res): boolean =>
  parse(token.scope).some((one) => {
    if (one._tag !== 'ResourceScope') return false
    const { level } = one
    const { patient } = token
    // Dates are opaque where scopes are compared, and are read where resources are checked.
    const query = one.query.filter(({ name }) => name !== 'date')
    if (!one.query.every(({ name, values }) => name !== 'date' || isDated(resource, values))) return false
    if (
      !permits([{ ...one, query }], {
        level,
        type: resource.resourceType,
        permission: letter,
        resource: indexOf(resource)
      })
    )
      return false
    if (level === 'system') return true
    if (!userSees(resource) || (resource.resourceType === 'Subscription' && (letter === 'c' || letter === 'u')))
      return false
    const isNaming = (letter === 'c' || letter === 'u') && token.profile === 'us-core' && namesAnew(resource, before)
    if (level === 'user') return !isNaming || !readsBinariesOfPatient(token)
    if (patient !== undefined && (letter === 'r' || letter === 's') && isOpened(token, resource)) return true
    if (patient === undefined || !isOf(resource, patient) || (letter === 'u' && isLinkedAnew(resource, before)))
      return false
    if (isNaming) return false
    return (
      letter === 'r' ||
      letter === 's' ||
      (!othersIn(resource, patient, before) && !(letter === 'c' && resource.resourceType === 'Patient'))
    )
  })

const isUnlimited = ({ scope }: Token, type: string, letter: Permission = 's'): boolean =>
  parse(scope).some(
    (one) =>
      one._tag === 'ResourceScope' &&
      one.level === 'system' &&
      one.query.length === 0 &&
      one.permissions.includes(letter) &&
      (one.type === '*' || one.type === type)
  )

/** The scopes of a token that can permit something with a letter. */
const grantsOf = ({ patient, scope }: Token, letter: Permission): ReadonlyArray<ResourceScope> =>
  parse(scope)
    .filter(isResourceScope)
    .filter(({ level, permissions }) => permissions.includes(letter) && (level !== 'patient' || patient !== undefined))

export const keyOf = (resource: Res): string => `${resource.resourceType}/${resource.id}`
const textOf = (all: ReadonlyArray<Res>): ReadonlyArray<string> => all.map((one) => JSON.stringify(one)).sort()

const found = (
  token: Token,
  all: ReadonlyArray<Res>,
  type: string,
  query: ReadonlyArray<readonly [string, string]>
): ReadonlyArray<Res> => {
  const hops = query.flatMap(([name]) => /:([A-Z][a-z]+)\./.exec(name)?.[1] ?? [])
  if (!hops.every((hop) => isUnlimited(token, hop))) return []
  return all.filter(
    (one) =>
      one.resourceType === type &&
      may(token, 's', one) &&
      query.every(
        ([name, value]) =>
          name.startsWith('_include') ||
          name.startsWith('_revinclude') ||
          name === '_count' ||
          matchesParameter(all, one, name, value)
      )
  )
}

/** Whether a token may ask a question about a type at all, whatever the answer. */
const mayAsk = (token: Token, type: string, query: ReadonlyArray<readonly [string, string]>): boolean =>
  query.flatMap(([name]) => /:([A-Z][a-z]+)\./.exec(name)?.[1] ?? []).every((hop) => isUnlimited(token, hop)) &&
  parse(token.scope).some(
    (one) =>
      one._tag === 'ResourceScope' &&
      one.permissions.includes('s') &&
      (one.type === '*' || one.type === type) &&
      (one.level !== 'patient' ||
        (token.patient !== undefined &&
          type !== 'Subscription' &&
          (token.profile === 'us-core' || !opensNothing.includes(type))))
  )

/** A token without the scopes of its patient. */
const withoutPatient = ({ profile, scope }: Token): Token => ({
  profile,
  scope: scope
    .split(' ')
    .filter((one) => !one.startsWith('patient/'))
    .join(' '),
  patient: undefined
})

const without = (all: ReadonlyArray<Res>, key: string): ReadonlyArray<Res> => all.filter((one) => keyOf(one) !== key)

interface Step {
  readonly isDone: boolean
  readonly shown: ReadonlyArray<string>
  readonly total: number | null
  readonly after: ReadonlyArray<Res>
}

/**
 * What of a resource a token's limits look at when it is changed, as far as this world has it; everything where that is
 * not known.
 */
const isLookedAt = ({ scope, patient }: Token, type: string, member: string): boolean => {
  const of: Readonly<Record<string, string>> = {
    'Observation category': 'category',
    'Observation status': 'status',
    'Observation date': 'effectiveDateTime effectivePeriod',
    'Condition category': 'category',
    'Encounter status': 'status',
    'Encounter date': 'period',
    'DocumentReference category': 'category',
    'DocumentReference status': 'status',
    'DocumentReference date': 'date',
    'Device status': 'status'
  }
  const ofPatient: Readonly<Record<string, string>> = {
    Observation: 'subject performer',
    Condition: 'subject asserter',
    Encounter: 'subject',
    DocumentReference: 'subject author',
    Provenance: 'target'
  }
  return parse(scope).some((one) => {
    if (one._tag !== 'ResourceScope' || !one.permissions.includes('u') || (one.type !== '*' && one.type !== type))
      return false
    if (one.level === 'patient' && (patient === undefined || (type !== 'Patient' && ofPatient[type] === undefined)))
      return false
    const members = [
      ...one.query.map(({ name }) => of[`${type} ${name}`] ?? member),
      ...(one.level === 'patient' ? [ofPatient[type] ?? member] : [])
    ]
    return members.some((names) => names.split(' ').includes(member))
  })
}

/** What a patch makes of what its client does not read: null where it does more than to set and remove members. */
const unread = (token: Token, before: Res, patch: ReadonlyArray<unknown>): Res | null => {
  const [after, alone]: [Record<string, unknown>, Record<string, unknown>] = [
    { ...before },
    { resourceType: before.resourceType, id: before.id }
  ]
  for (const { op, path, value } of patch as ReadonlyArray<{
    readonly op: string
    readonly path: string
    readonly value: unknown
  }>) {
    const member = path.slice(1)
    if (!['add', 'remove', 'replace'].includes(op) || member.includes('/')) return null
    for (const one of [after, alone]) {
      one[member] = value
      if (op === 'remove') Reflect.deleteProperty(one, member)
    }
  }
  const isChecked = (patch as ReadonlyArray<{ readonly path: string }>).some(({ path }) =>
    isLookedAt(token, before.resourceType, path.slice(1))
  )
  return isChecked && !may(token, 'u', alone as unknown as Res) ? null : (after as unknown as Res)
}

let created = 0
const one = (token: Token, all: ReadonlyArray<Res>, requested: Asked): Step => {
  world = all
  const no: Step = { isDone: false, shown: [], total: null, after: all }
  // The response may still hold values of the stored version, so that one must be readable too.
  const wrote = (resource: Res, after: ReadonlyArray<Res>, before: Res = resource): Step => ({
    isDone: true,
    shown: may(token, 'r', resource) && may(token, 'r', before) ? [keyOf(resource)] : [],
    total: null,
    after
  })
  const stored = (type: string, id: string): Res | undefined => all.find((each) => keyOf(each) === `${type}/${id}`)
  switch (requested.kind) {
    case 'read': {
      const resource = stored(requested.type, requested.id)
      return resource !== undefined && may(token, 'r', resource)
        ? { ...no, isDone: true, shown: [keyOf(resource)] }
        : no
    }
    case 'search': {
      const matches = found(token, all, requested.type, requested.query)
      const names = new Set(matches.map(keyOf))
      const isAsked = (name: string): boolean => requested.query.some(([each]) => each === name)
      const included = all.filter(
        (each) =>
          !names.has(keyOf(each)) &&
          ((isAsked('_include') &&
            may(token, 'r', each) &&
            matches.some((match) => (indexOf(match)['performer'] ?? []).includes(keyOf(each)))) ||
            (requested.query.some(
              ([name, value]) =>
                name === '_revinclude' &&
                (each.resourceType === 'Observation'
                  ? value === 'Observation:subject' && (indexOf(each)['subject'] ?? []).some((to) => names.has(to))
                  : each.resourceType === 'Provenance' &&
                    value === 'Provenance:target' &&
                    targetsOf(each).some((to) => names.has(to)))
            ) &&
              may(token, 's', each)))
      )
      return { ...no, isDone: true, shown: [...matches, ...included].map(keyOf).sort(), total: matches.length }
    }
    case 'create': {
      if (!may(token, 'c', requested.resource)) return no
      created += 1
      const resource = { ...requested.resource, id: `new${String(created)}` }
      return wrote(resource, [...all, resource])
    }
    case 'update': {
      const before = stored(requested.resource.resourceType, requested.resource.id)
      if (
        (before !== undefined && !may(token, 'u', before, before)) ||
        !may(token, 'u', requested.resource, before !== undefined && may(token, 'r', before) ? before : undefined)
      )
        return no
      return wrote(requested.resource, [...without(all, keyOf(requested.resource)), requested.resource], before)
    }
    case 'patch': {
      const before = stored(requested.type, requested.id)
      if (before === undefined || !may(token, 'u', before, before)) return no
      const patched = applyPatch(before, requested.patch)
      const after = may(token, 'r', before)
        ? Either.isLeft(patched)
          ? null
          : (patched.right as Res)
        : unread(token, before, requested.patch)
      return after !== null && may(token, 'u', after, before)
        ? wrote(after, [...without(all, keyOf(before)), after], before)
        : no
    }
    case 'delete': {
      const before = stored(requested.type, requested.id)
      return before !== undefined && may(token, 'd', before)
        ? { ...no, isDone: true, after: without(all, keyOf(before)) }
        : no
    }
    case 'delete-if': {
      const matches = found(token, all, requested.type, requested.query)
      const [match] = matches
      return matches.length === 1 && match !== undefined && may(token, 'd', match)
        ? { ...no, isDone: true, after: without(all, keyOf(match)) }
        : no
    }
    case 'create-if': {
      const { query, resource } = requested
      const matches = found(token, all, resource.resourceType, query)
      const [match] = matches
      if (!mayAsk(token, resource.resourceType, query) || matches.length > 1 || !may(token, 'c', resource)) return no
      return match === undefined
        ? one(token, all, { kind: 'create', resource })
        : { ...no, isDone: true, shown: may(token, 'r', match) ? [keyOf(match)] : [] }
    }
    case 'update-if': {
      const { query, resource } = requested
      const matches = found(token, all, resource.resourceType, query)
      if (
        !mayAsk(token, resource.resourceType, query) ||
        matches.length > 1 ||
        matches.some(({ id }) => id !== resource.id)
      )
        return no
      return one(token, all, { kind: 'update', resource })
    }
    case 'patch-if': {
      const matches = found(token, all, requested.type, requested.query)
      const [match] = matches
      return matches.length === 1 && match !== undefined
        ? one(token, all, { kind: 'patch', type: requested.type, id: match.id, patch: requested.patch })
        : no
    }
    case 'history': {
      const versions = [...all, ...earlier].filter(
        (each) => each.resourceType === requested.type && (requested.id === null || each.id === requested.id)
      )
      return {
        ...no,
        isDone: true,
        shown: versions.filter((each) => may(token, requested.id === null ? 's' : 'r', each)).map(keyOf)
      }
    }
    case 'compartment': {
      const here = requested.patient === token.patient ? token : withoutPatient(token)
      const matches = found(here, all, requested.type, requested.query).filter((each) => isOf(each, requested.patient))
      return { ...no, isDone: true, shown: matches.map(keyOf), total: matches.length }
    }
    case 'everything': {
      const { patient, types } = requested
      const isOwn = patient === token.patient && grantsOf(token, 's').some(({ level }) => level === 'patient')
      const focus = stored('Patient', patient)
      const isFree = isUnlimited(token, '*', 's')
      const isFocusFree = isOwn || isUnlimited(token, 'Patient', 'r')
      const isNamed = grantsOf(token, 'r').some(({ type }) => type === '*' || type === 'Patient')
      const areTypes = (types.length === 0 ? [null] : types).every((wanted) =>
        grantsOf(token, 's').some(({ type }) => wanted === null || type === '*' || type === wanted)
      )
      if (!areTypes || (!isOwn && !isNamed)) return no
      if (!isOwn && !(isFree && isFocusFree) && (focus === undefined || !may(token, 'r', focus))) return no
      const those = all.filter(
        (each) =>
          isOf(each, patient) &&
          (types.length === 0 || types.includes(each.resourceType)) &&
          (may(token, 's', each) ||
            (keyOf(each) === `Patient/${patient}` && may(token, 'r', each)) ||
            (isFree && isFocusFree && may(token, 'r', each)))
      )
      return { ...no, isDone: true, shown: those.map(keyOf) }
    }
    case 'lastn': {
      const { patient } = requested
      // Where something may be hidden it could take the place of what is shown.
      const isWhole = parse(token.scope).some(
        (each) =>
          each._tag === 'ResourceScope' &&
          each.permissions.includes('s') &&
          each.query.length === 0 &&
          (each.type === '*' || each.type === 'Observation') &&
          (each.level === 'system' || (each.level === 'patient' && patient !== null && patient === token.patient))
      )
      if (!isWhole) return no
      return {
        ...no,
        isDone: true,
        shown: lastOf(all, patient)
          .filter((each) => may(token, 's', each))
          .map(keyOf)
      }
    }
    case 'bundle':
      return no
  }
}

/** What must come of a request, worked out resource by resource. */
export const slow = (token: Token, all: ReadonlyArray<Res>, requested: Asked): Result => {
  created = 0
  const entries = requested.kind === 'bundle' ? requested.entries : [requested]
  const shown: Array<string> = []
  let [current, isAll] = [all, true]
  let total: number | null = null
  for (const entry of entries) {
    const step = one(token, current, entry)
    isAll &&= step.isDone
    current = step.after
    shown.push(...step.shown)
    if (requested.kind === 'search' || requested.kind === 'compartment') total = step.total
  }
  if (requested.kind === 'bundle' && requested.isTransaction && !isAll)
    return { shown: [], total: null, stored: textOf(all) }
  return { shown: shown.sort(), total, stored: textOf(current) }
}
