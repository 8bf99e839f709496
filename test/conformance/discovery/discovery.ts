/** The area "discovery": app-launch, "Retrieve .well-known/smart-configuration"; conformance; RFC 8414. */
import { checkRows } from './discovery-check.js'
import { documentRows } from './discovery-document.js'
import type { Area } from '../matrix.js'
import { outside } from '../matrix.js'

const shown = [...documentRows, ...checkRows]

export const discovery: Area = {
  area: 'discovery',
  shown,
  outside: [
    outside('DIS-006', "deprecated, and not offered: the CapabilityStatement is the FHIR server's"),
    outside(
      'DIS-309',
      'the publisher of the brand bundle: it takes both documents to compare them, and the engine is handed ' +
        'only its own identifier'
    ),
    outside('DIS-310', 'the publisher of the brand bundle'),
    outside('DIS-311 DIS-312', "the app's author: which of several sources of brands to believe")
  ]
}
