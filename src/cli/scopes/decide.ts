/**
 * The operation `decide` of `smart-app-launch scopes batch`: a decision as JSON.
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Alternative } from '../../protocol/access/alternatives.js'
import type { Decision } from '../../protocol/access/decision-types.js'
import { decide } from '../../protocol/access/decision.js'
import type { FhirRelease } from '../../protocol/access/release.js'
import { fhirReleases, releaseNames } from '../../protocol/access/releases.js'
import { interactionOf } from '../../protocol/access/read-interaction.js'
import { everyRelease } from './every-release.js'
import { defaultPolicy } from '../../protocol/policy/policy.js'
import type { ScopeSet } from '../../scopes/scope.js'
import type { JsonObject } from '../../values/object.js'
import { isObject } from '../../values/object.js'

const filterJson = ({ permission, level, type, patient, query }: Alternative): JsonObject => ({
  permission,
  level,
  type,
  ...(patient === null ? {} : { patient }),
  query: query.map((clause) => clause.text).join('&')
})

const json = (decision: Decision): JsonObject => {
  switch (decision._tag) {
    case 'Permit':
      return { decision: 'permit', filters: [] }
    case 'Filter':
      return { decision: 'filter', filters: decision.alternatives.map(filterJson), obligations: decision.obligations }
    case 'Deny':
      return { decision: 'deny', filters: [], reason: decision.reason, missing: decision.missing }
    case 'Each': {
      const entries = decision.decisions.map(json)
      const isFree = entries.every((entry) => entry['decision'] === 'permit')
      const isDenied = entries.length > 0 && entries.every((entry) => entry['decision'] === 'deny')
      return { decision: isFree ? 'permit' : isDenied ? 'deny' : 'filter', filters: [], entries }
    }
  }
}

const headersOf = (value: unknown): Either.Either<string, Readonly<Record<string, string>>> => {
  if (value === undefined) return Either.right({})
  if (!isObject(value)) return Either.left('request.headers: expected an object of texts')
  const entries = Object.entries(value)
  const broken = entries.find(([, text]) => typeof text !== 'string')
  return broken === undefined
    ? Either.right(Object.fromEntries(entries.map(([name, text]) => [name.toLowerCase(), String(text)])))
    : Either.left(`request.headers.${broken[0]}: expected a text`)
}

/** All releases as one, made when it is first needed. */
let allReleases: FhirRelease | null = null

/** The release that a line names; without a name, all releases as one. */
const releaseNamed = (name: unknown): Either.Either<string, FhirRelease> => {
  if (name === undefined) {
    allReleases ??= everyRelease()
    return Either.right(allReleases)
  }
  const known = releaseNames.find((one) => one === name)
  return known === undefined
    ? Either.left(`fhirRelease: expected one of ${releaseNames.join(', ')}`)
    : Either.right(fhirReleases[known])
}

/**
 * The decision about a request; the address is relative to the FHIR base. `fhirRelease` names the release of the FHIR
 * server; without it, the types of all releases are known.
 */
export const decisionJson = (
  granted: ScopeSet,
  context: unknown,
  request: unknown,
  fhirRelease?: unknown
): Either.Either<string, JsonObject> => {
  const release = releaseNamed(fhirRelease)
  if (Either.isLeft(release)) return release
  if (context !== undefined && !isObject(context)) return Either.left('context: expected an object')
  const { patient, fhirUser } = context ?? {}
  if (patient !== undefined && typeof patient !== 'string') return Either.left('context.patient: expected a text')
  if (fhirUser !== undefined && typeof fhirUser !== 'string') return Either.left('context.fhirUser: expected a text')
  if (!isObject(request) || typeof request['method'] !== 'string') return Either.left('request.method: expected a text')
  if (typeof request['url'] !== 'string') return Either.left('request.url: expected a text')
  const headers = headersOf(request['headers'])
  if (Either.isLeft(headers)) return headers
  const [path = '', query = ''] = request['url'].split(/\?(.*)/s)
  const body =
    request['body'] === undefined
      ? ''
      : typeof request['body'] === 'string'
        ? request['body']
        : JSON.stringify(request['body'])
  const facts = {
    clientId: '',
    scopes: granted,
    context: patient === undefined ? {} : { patient },
    user: fhirUser === undefined ? null : { sub: '', fhirUser, authTime: 0 }
  }
  const plain = {
    method: request['method'].toUpperCase(),
    path: path.startsWith('/') ? path : `/${path}`,
    query,
    headers: headers.right,
    body
  }
  const interaction = interactionOf(plain, '', release.right)
  return Either.right(json(decide(defaultPolicy, facts, interaction, { release: release.right })))
}
