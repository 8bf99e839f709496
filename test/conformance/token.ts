/** The area "token": app-launch, "Obtain access token"; RFC 6749, section 5; RFC 7636, section 4.6; RFC 8707; RFC 9700. */
import type { Area } from './matrix.js'
import { outside, withTheAppSide } from './steps.js'
import { exchangeRows } from './token-exchange.js'
import { responseRows } from './token-response.js'

const shown = [...exchangeRows, ...responseRows]

/** What the app does about them is not shown by these rows. */
export const clientSide: ReadonlyArray<string> = [
  'TOK-002', 'TOK-003', 'TOK-004', 'TOK-005', 'TOK-006', 'TOK-007', 'TOK-008', 'TOK-021', 'TOK-026', 'TOK-101', 'TOK-108', 'TOK-112', 'TOK-118', 'TOK-121'
]

export const token: Area = {
  area: 'token',
  shown,
  clientSide,
  outside: [
    outside('TOK-301', 'experimental and optional: this server issues tokens for one FHIR server, so there is nothing that authorization_details could add'),
    ...withTheAppSide(shown, clientSide)
  ]
}
