/** The area "context": scopes-and-launch-context, "Scopes for requesting context data", "Launch context arrives with your access_token". */
import { memberRows } from './context-members.js'
import { scopeRows } from './context-scopes.js'
import type { Area } from './matrix.js'
import { outside, withTheAppSide } from './steps.js'

const shown = [...scopeRows, ...memberRows]

/** What the app does about them is not shown by these rows. */
export const clientSide: ReadonlyArray<string> = [
  'CTX-001', 'CTX-002', 'CTX-004', 'CTX-005', 'CTX-007', 'CTX-008', 'CTX-009', 'CTX-010', 'CTX-015', 'CTX-020', 'CTX-025', 'CTX-040', 'CTX-048', 'CTX-205', 'CTX-208',
  'CTX-305', 'CTX-307', 'CTX-308'
]

export const context: Area = {
  area: 'context',
  shown,
  clientSide,
  outside: [
    outside('CTX-034 CTX-045 CTX-046', 'the app\'s author: how an app looks is its own; it is handed need_patient_banner and smart_style_url as they came'),
    outside('CTX-306', 'the EHR\'s operator: which roles there are is documented, not discovered'),
    ...withTheAppSide(shown, clientSide)
  ]
}
