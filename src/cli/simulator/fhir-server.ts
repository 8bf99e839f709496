/**
 * The simulator's FHIR server: reads and searches, within what a decision lets through.
 *
 * What a token does not cover looks exactly like what does not exist. Source: FHIR R4, http.html.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { patientOf, search, searchParameters } from './fhir-search.js'
import type { FhirResource } from './synthetic-data.js'
import { isPermitted } from '../../machines/access-alternatives.js'
import type { Decision } from '../../machines/access-decision.js'
import type { Interaction } from '../../machines/fhir-interaction.js'
import type { SearchQuery } from '../../machines/fhir-query.js'
import { printSearchQuery } from '../../machines/fhir-query.js'
import { indexReader } from '../../machines/search-index.js'
import { valueOf } from '../../messages/form.js'
import type { PlainResponse } from '../../messages/http.js'
import type { Refusal } from '../../messages/refusal.js'
import { bearerChallenge, rowOf } from '../../messages/refusal-table.js'
import type { ServerFacts } from '../../messages/smart-configuration.js'
import { below } from '../../values/urls.js'

const fhirJson = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): PlainResponse => ({
  status,
  headers: { 'content-type': 'application/fhir+json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body)
})

/** An answer that says what went wrong in FHIR's own way. */
export const operationOutcome = (
  status: number,
  code: string,
  diagnostics: string,
  headers: Readonly<Record<string, string>> = {}
): PlainResponse =>
  fhirJson(status, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics }] }, headers)

/** A refused access token (RFC 6750, section 3). */
export const tokenRefused = (refusal: Refusal): PlainResponse => {
  const row = rowOf(refusal)
  const challenge: Readonly<Record<string, string>> = row.status === 401 || row.status === 400
    ? { 'www-authenticate': bearerChallenge(refusal) }
    : {}
  return operationOutcome(row.status, row.status === 401 ? 'login' : 'exception', row.description, challenge)
}

/** What the server answers from, and for whom. */
export interface FhirWorld {
  readonly resources: ReadonlyArray<FhirResource>
  readonly facts: ServerFacts
}

/** Whether a user may see a patient's record: the host's own rule behind `user/` scopes. */
export type MayUserSee = (patient: string) => boolean

const isVisible = (world: FhirWorld, decision: Decision, permission: 'r' | 's', resource: FhirResource, mayUserSee: MayUserSee): boolean => {
  if (decision._tag !== 'Filter') return decision._tag === 'Permit'
  return isPermitted(decision.alternatives, permission, resource, {
    read: indexReader({ base: world.facts.fhirBaseUrl }),
    userMay: () => {
      const patient = patientOf(resource)
      return patient === null || mayUserSee(patient)
    }
  })
}

const notFound = (type: string, id: string): PlainResponse => operationOutcome(404, 'not-found', `There is no ${type}/${id}.`)

const capabilityStatement = ({ facts }: FhirWorld): unknown => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: '2024-01-01',
  kind: 'instance',
  implementation: { description: 'SMART App Launch simulator with synthetic data', url: facts.fhirBaseUrl },
  fhirVersion: '4.0.1',
  format: ['json'],
  rest: [
    {
      mode: 'server',
      security: {
        service: [
          {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' }
            ]
          }
        ],
        extension: [
          {
            url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
            extension: [
              { url: 'authorize', valueUri: facts.authorizationEndpoint },
              { url: 'token', valueUri: facts.tokenEndpoint }
            ]
          }
        ]
      },
      resource: Object.entries(searchParameters).map(([type, names]) => ({
        type,
        interaction: [{ code: 'read' }, { code: 'search-type' }],
        searchParam: names.map((name) => ({
          name,
          type: name === 'patient' || name === 'subject' ? 'reference' : 'token'
        }))
      }))
    }
  ]
})

const bundle = (facts: ServerFacts, type: string, query: string, found: ReadonlyArray<FhirResource>, count: number): unknown => ({
  resourceType: 'Bundle',
  type: 'searchset',
  total: found.length,
  link: [{ relation: 'self', url: `${below(facts.fhirBaseUrl, type)}${query === '' ? '' : `?${query}`}` }],
  entry: found.slice(0, count).map((resource) => ({
    fullUrl: below(facts.fhirBaseUrl, `${type}/${resource.id}`),
    resource,
    search: { mode: 'match' }
  }))
})

const defaultCount = 100

const searchAnswer = (
  world: FhirWorld,
  type: string,
  query: SearchQuery,
  isSeen: (resource: FhirResource) => boolean
): PlainResponse => {
  const parameters = new Map<string, ReadonlyArray<string>>()
  for (const { name, value } of query) parameters.set(name, [...(parameters.get(name) ?? []), value])
  const count = valueOf(parameters, '_count')
  if (count !== null && !/^[0-9]{1,6}$/.test(count)) return operationOutcome(400, 'invalid', '_count must be a whole number.')
  const found = search(world.resources, type, parameters)
  return Either.isLeft(found)
    ? operationOutcome(400, 'not-supported', `The search parameter ${found.left.name} is not supported for ${type}.`)
    : fhirJson(200, bundle(world.facts, type, printSearchQuery(query), found.right.filter(isSeen), count === null ? defaultCount : Number(count)))
}

/** Answers a FHIR request within a decision. */
export const fhirAnswer = (
  world: FhirWorld,
  interaction: Interaction,
  decision: Decision,
  mayUserSee: MayUserSee
): PlainResponse => {
  if (interaction._tag === 'Capabilities') return fhirJson(200, capabilityStatement(world))
  if (interaction._tag === 'Malformed' && (interaction.reason === 'query' || interaction.reason === 'path-encoding')) return operationOutcome(400, 'invalid', `The request cannot be read: ${interaction.place}.`)
  if (interaction._tag !== 'Read' && (interaction._tag !== 'Search' || interaction.type === null || interaction.compartment !== null)) {
    return operationOutcome(405, 'not-supported', 'This server reads and searches only.', { allow: 'GET, HEAD' })
  }
  if (decision._tag === 'Deny') {
    const { status, description } = rowOf({ _tag: 'AccessNotGranted' })
    return operationOutcome(status, 'forbidden', `${description} It would need: ${decision.missing.join(' ')}`, {
      'www-authenticate': bearerChallenge({ _tag: 'AccessNotGranted' })
    })
  }
  const type = interaction.type ?? ''
  if (!world.resources.some(({ resourceType }) => resourceType === type) && searchParameters[type] === undefined) {
    return operationOutcome(404, 'not-supported', `This server does not have ${type}.`)
  }
  const permission = interaction._tag === 'Read' ? 'r' : 's'
  const isSeen = (resource: FhirResource): boolean => isVisible(world, decision, permission, resource, mayUserSee)
  if (interaction._tag === 'Search') return searchAnswer(world, type, interaction.query, isSeen)
  const resource = world.resources.find(({ resourceType, id }) => resourceType === type && id === interaction.id)
  return resource !== undefined && isSeen(resource) ? fhirJson(200, resource) : notFound(type, interaction.id)
}
