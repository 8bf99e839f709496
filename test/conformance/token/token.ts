/**
 * The area "token": app-launch, "Obtain access token"; RFC 6749, section 5; RFC 7636, section 4.6; RFC 8707; RFC 9700.
 */
import type { Area } from '../matrix.js'
import { outside } from '../matrix.js'
import { exchangeRows } from './token-exchange.js'
import { responseRows } from './token-response.js'

const shown = [...exchangeRows, ...responseRows]

export const token: Area = {
  area: 'token',
  shown,
  outside: [
    outside(
      'TOK-301',
      'experimental and optional: this server issues tokens for one FHIR server, so there is nothing that ' +
        'authorization_details could add'
    )
  ]
}
