import type { ShownLimit } from './shown.js'
import { recordsOf } from '../../src/simulator/fhir/records.js'
import { localFhirServer } from '../../src/simulator/fhir/server.js'

/** A server without resources; `send` gives back the status. */
const newServer = () => {
  let made = 0
  const at = '2024-01-01T00:00:00Z'
  const server = localFhirServer(recordsOf([], at), {
    fhirBaseUrl: 'https://ehr/fhir',
    instant: () => at,
    newId: () => String(made++)
  })
  return (method: string, path: string, body: unknown = ''): number =>
    server.answer(() => true, { method, path, query: '', headers: {}, body: body === '' ? '' : JSON.stringify(body) })
      .status
}

const response = (status: number | undefined): string =>
  status !== undefined && status < 400 ? 'within' : String(status)

/** What the rest of a resource takes, beside its text: the object, its three members' names, values, type and id. */
const around = 32 + 'resourceTypeidtext'.length + 3 * 32 + 'Basic0'.length

const at = '2024-01-01T00:00:00Z'
const settings = { fhirBaseUrl: 'https://ehr/fhir', instant: () => at, newId: () => 'new' }

/** Whether a search among these resources has a next page. */
const hasNextPage = (resources: Parameters<typeof recordsOf>[0]): boolean =>
  localFhirServer(recordsOf(resources, at), settings)
    .answer(() => true, { method: 'GET', path: '/Basic', query: '', headers: {}, body: '' })
    .body.includes('"next"')

/** The bounds of the simulator's FHIR server. */
export const simulatorFhirShown: ReadonlyArray<ShownLimit> = [
  {
    limit: 'simulatorResources',
    run: (size) => {
      const send = newServer()
      return Promise.resolve(
        response(Array.from({ length: size }, () => send('POST', '/Basic', { resourceType: 'Basic' })).at(-1))
      )
    },
    peerResponse: '413'
  },
  {
    limit: 'simulatorVersions',
    run: (size) => {
      const send = newServer()
      for (let count = 0; count < size; count++) send('PUT', '/Basic/1', { resourceType: 'Basic', id: '1' })
      return Promise.resolve(response(send('GET', '/Basic/1/_history/1')))
    },
    peerResponse: '404'
  },
  {
    limit: 'simulatorResource',
    run: (size) =>
      Promise.resolve(
        response(newServer()('POST', '/Basic', { resourceType: 'Basic', text: 'x'.repeat(size - around) }))
      ),
    peerResponse: '413'
  },
  {
    limit: 'simulatorStored',
    sizes: [47, 49],
    run: (mebibytes) => {
      const send = newServer()
      return Promise.resolve(
        response(
          Array.from({ length: mebibytes }, () =>
            send('POST', '/Basic', { resourceType: 'Basic', text: 'x'.repeat(2 ** 20) })
          ).at(-1)
        )
      )
    },
    peerResponse: '413'
  },
  {
    limit: 'simulatorPage',
    run: (size) => {
      const resources = Array.from({ length: size }, (_, id) => ({ resourceType: 'Basic', id: String(id) }))
      return Promise.resolve(hasNextPage(resources) ? 'next page' : 'within')
    },
    peerResponse: 'next page'
  },
  {
    limit: 'simulatorSortKeys',
    run: (size) => {
      const sort = Array.from({ length: size }, () => '_id').join(',')
      const { status } = localFhirServer(recordsOf([], at), settings).answer(() => true, {
        method: 'GET',
        path: '/Basic',
        query: `_sort=${sort}`,
        headers: {},
        body: ''
      })
      return Promise.resolve(response(status))
    },
    peerResponse: '400'
  }
]
