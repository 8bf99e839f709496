/**
 * The CapabilityStatement of the simulator's FHIR server, made from the tables by which it reads. Source: FHIR R4,
 * capabilitystatement.html.
 */
import { parametersOf, simulatorVocabulary } from './parameter-values.js'
import type { Records } from './records.js'
import { everyCurrent } from './records.js'
import { localFhirResponse } from './responses.js'
import type { FhirRelease } from '../../protocol/access/release.js'
import type { ServerFacts } from '../../protocol/discovery/smart-configuration.js'
import type { PlainResponse } from '../../protocol/http/message.js'

const interactions = ['read', 'vread', 'update', 'delete', 'history-instance', 'history-type', 'create', 'search-type']

const referencesOf = (release: FhirRelease, type: string): ReadonlyArray<string> =>
  parametersOf(release, type)
    .filter((name) => simulatorVocabulary(release).typeOf(type, name) === 'reference')
    .map((name) => `${type}:${name}`)

/** The `rest.resource` part, for these types. */
const restResources = (release: FhirRelease, types: ReadonlyArray<string>): ReadonlyArray<unknown> => {
  const searchRevInclude = ['*', ...types.map((type) => `${type}:*`)]
  return types.map((type) => ({
    type,
    interaction: interactions.map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalUpdate: true,
    conditionalDelete: 'single',
    searchInclude: ['*', ...referencesOf(release, type)],
    searchRevInclude,
    searchParam: parametersOf(release, type).map((name) => ({
      name,
      type: simulatorVocabulary(release).typeOf(type, name)
    })),
    ...(type === 'Patient'
      ? {
          operation: [{ name: 'everything', definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything' }]
        }
      : {})
  }))
}

const typesIn = ({ types }: FhirRelease, records: Records): ReadonlyArray<string> =>
  [...new Set(everyCurrent(records).map(({ resourceType }) => resourceType))]
    .filter((type) => types.has(type))
    .toSorted()

/** The CapabilityStatement of a server of this release, with the types of the records that the release has. */
export const capabilityStatement = (release: FhirRelease, facts: ServerFacts, records: Records): PlainResponse =>
  localFhirResponse(200, {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2024-01-01',
    kind: 'instance',
    implementation: { description: 'SMART App Launch simulator with synthetic data', url: facts.fhirBaseUrl },
    fhirVersion: release.version,
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
        interaction: [{ code: 'transaction' }, { code: 'batch' }, { code: 'history-system' }],
        resource: restResources(release, typesIn(release, records))
      }
    ]
  })
