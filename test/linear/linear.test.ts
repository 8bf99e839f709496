import { describe, expect, it } from 'vitest'
import { engineRows } from './engine.js'
import { fhirRows } from './fhir.js'
import { growthOf } from './growth.js'
import type { LinearRow } from './row.js'
import { mostGrowth } from './row.js'
import { decisionRows } from './decisions.js'
import { messageRows } from './messages.js'
import { scopeRows } from './scopes.js'
import { workOf } from './work.js'

const rows: ReadonlyArray<LinearRow> = [...scopeRows, ...messageRows, ...decisionRows, ...fhirRows, ...engineRows]

describe('twice the input costs at most two and a half times the work', () => {
  it.each(rows)('$name', async (row) => {
    const { ratio, small, large } = await growthOf(row)
    expect(small).toBeGreaterThan(0)
    expect(ratio, `${String(small)} and ${String(large)} operations`).toBeLessThanOrEqual(mostGrowth)
  })

  it.each(rows)('$name: the count does not depend on when it is taken', async ({ of, size = 200 }) => {
    await workOf(await of(4))
    expect(await workOf(await of(size))).toBe(await workOf(await of(size)))
  })
})
