/** A host that answers with what it was given, for tests of the frameworks alone. */
import type { SmartHost } from '../../src/host/smart-host.js'
import { plainRefusal } from '../../src/protocol/errors/refusal-table.js'

/** A host below a path. Its answer tells method, path, query and body. */
export const echoHost = <R>(path = ''): SmartHost<R> =>
  ({
    handles: (received: string) => received.startsWith(`${path}/token`) || received.startsWith(`${path}/fhir/`),
    answer: async (request: { method: string; path: string; query: string; body: string }) =>
      Promise.resolve({
        status: 200,
        headers: { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] },
        body: `${request.method} ${request.path} [${request.query}] [${request.body}]`
      }),
    refused: async (_request: unknown, because: never) => Promise.resolve(plainRefusal(because)),
    bodyLimitBytes: () => 64,
    server: {
      facts: {
        issuer: `https://ehr.example${path}`,
        fhirBaseUrl: `https://ehr.example${path}/fhir`,
        tokenEndpoint: `https://ehr.example${path}/token`
      }
    }
  }) as unknown as SmartHost<R>
