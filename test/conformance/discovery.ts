/** The area "discovery": app-launch, "Retrieve .well-known/smart-configuration"; conformance; RFC 8414. */
import { checkRows } from './discovery-check.js'
import { documentRows } from './discovery-document.js'
import type { Area } from './matrix.js'
import { outside, withTheAppSide } from './steps.js'

const shown = [...documentRows, ...checkRows]

/** What the app does about them is not shown by these rows. */
export const clientSide: ReadonlyArray<string> = ['DIS-002', 'DIS-004', 'DIS-009', 'DIS-053', 'DIS-066', 'DIS-103', 'DIS-106', 'DIS-109', 'DIS-308']

export const discovery: Area = {
  area: 'discovery',
  shown,
  clientSide,
  outside: [
    outside('DIS-006', 'deprecated, and not offered: the CapabilityStatement is the FHIR server\'s'),
    outside('DIS-309', 'whoever publishes the brand bundle: it takes both documents to compare them, and the engine is handed only its own identifier'),
    outside('DIS-310', 'whoever publishes the brand bundle'),
    outside('DIS-311 DIS-312', 'the app\'s author: which of several sources of brands to believe'),
    ...withTheAppSide(shown, clientSide)
  ]
}
