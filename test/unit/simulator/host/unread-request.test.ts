/** A request that the adapter could not read: a browser gets a page, all other clients the answer of the protocol. */
import { parse as parseHtml } from 'node-html-parser'
import { expect, it } from 'vitest'
import { headerOf } from '../../../../src/protocol/http/message.js'
import { handlerOf } from '../../../support/simulator/settings-browser.js'

const handler = await handlerOf()

const refusedAt = async (path: string, accept: string) => {
  const { refused } = handler
  if (refused === undefined) throw new Error('no answer to such a request')
  const request = { method: 'POST', path, query: '', headers: { accept }, body: '' }
  return refused(request, { _tag: 'BodyTooLarge', limitBytes: 65_536 })()
}

it.each(['/ehr/apps', '/authorize', '/fhir/Patient'])('at %s a browser gets a page with the bound', async (path) => {
  const response = await refusedAt(path, 'text/html,application/xhtml+xml')
  expect([response.status, headerOf(response, 'content-type')]).toEqual([413, 'text/html; charset=utf-8'])
  expect(parseHtml(response.body).querySelector('main')?.text).toContain(
    'The request is larger than this server reads. A form may have 65536 bytes.'
  )
})

it('other clients get JSON of OAuth or FHIR', async () => {
  const refusal = await refusedAt('/token', 'application/json')
  expect([refusal.status, JSON.parse(refusal.body)]).toMatchObject([413, { error: 'invalid_request' }])
  const outcome = await refusedAt('/fhir/Patient', 'application/fhir+json, */*')
  expect([outcome.status, JSON.parse(outcome.body)]).toMatchObject([413, { resourceType: 'OperationOutcome' }])
})
