/**
 * The area "context": scopes-and-launch-context, "Scopes for requesting context data", "Launch context arrives with
 * your access_token".
 */
import { memberRows } from './context-members.js'
import { scopeRows } from './context-scopes.js'
import type { Area } from '../matrix.js'
import { outside } from '../matrix.js'

const shown = [...scopeRows, ...memberRows]

export const context: Area = {
  area: 'context',
  shown,
  outside: [
    outside(
      'CTX-034 CTX-045 CTX-046',
      "the app's author: how an app looks is its own; it is handed need_patient_banner and smart_style_url as they came"
    ),
    outside('CTX-306', "the EHR's operator: which roles there are is documented, not discovered")
  ]
}
