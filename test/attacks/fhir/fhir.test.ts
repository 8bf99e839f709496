import { evidenceControl, evidenceRows } from './fhir-evidence-rows.js'
import { linkControl, linkRows } from './fhir-link-rows.js'
import { readControl, readRows } from './fhir-read-rows.js'
import { tokenControl, tokenRows } from './fhir-token-rows.js'
import { writeControl, writeRows } from './fhir-write-rows.js'
import { attackGroup } from '../row.js'

attackGroup({
  endpoint: 'fhir',
  rows: [...tokenRows, ...readRows, ...writeRows, ...linkRows, ...evidenceRows],
  controls: [tokenControl, readControl, writeControl, linkControl, evidenceControl]
})
