/** What every refused authentication must look like. */
import { expect } from 'vitest'
import { leavesStoreAlone } from '../server/stored.js'
import type { Fixture } from '../server-fixture.js'
import { bodyOf } from '../server-fixture.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import type { RefusalTag } from '../../../src/protocol/errors/refusal.js'
import { refusalTable } from '../../../src/protocol/errors/refusal-table.js'

/**
 * Does something that must be refused: as the table says, without a token, with nothing stored, and with one event in
 * the log that names the rule and gives advice.
 */
export const refused = async (
  fixture: Fixture,
  act: () => Promise<PlainResponse>,
  tag: string
): Promise<PlainResponse> => {
  const before = fixture.audited.length
  const response = await leavesStoreAlone(fixture, act)
  expect(fixture.audited.slice(before).map(({ decision, refusal }) => [decision, refusal?._tag])).toEqual([
    ['Refused', tag]
  ])
  const { status, error, advice } = refusalTable[tag as RefusalTag]
  expect([response.status, bodyOf(response)['error']]).toEqual([status, error])
  expect([status, error].join(' ')).toMatch(/^(?:401 invalid_client|400 invalid_request)$/)
  expect(advice.length).toBeGreaterThan(0)
  expect(Object.keys(bodyOf(response)).toSorted()).toEqual(['error', 'error_description', 'error_uri'])
  return response
}
