import { readControl, readRows } from './fhir-read-rows.js'
import { tokenControl, tokenRows } from './fhir-token-rows.js'
import { writeControl, writeRows } from './fhir-write-rows.js'
import { attackGroup } from '../row.js'

attackGroup({
  endpoint: 'fhir',
  rows: [...tokenRows, ...readRows, ...writeRows],
  controls: [tokenControl, readControl, writeControl]
})
