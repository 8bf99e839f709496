/** The app's requests at a real server that redirects, and in a browser that hides redirects. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as Either from 'fp-ts/lib/Either.js'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { good } from '../../support/app/parties.js'
import { fetchHttp } from '../../../src/adapters/fetch/fetch-http.js'
import { getDocument, getJson } from '../../../src/protocol/http/outgoing-request.js'

const server = createServer((request, response) => {
  const isFound = request.url === '/found'
  response.writeHead(isFound ? 200 : 302, isFound ? {} : { location: '/found' }).end(isFound ? '{"a":1}' : '')
})
let origin = ''
beforeAll(async () => {
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
})
afterAll(() => server.close())
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('a redirect', () => {
  it.each([true, false])('of a document is a response with its location (%s)', async (isFollowed) => {
    const response = good(await fetchHttp()(getDocument(`${origin}/old`, isFollowed))())
    expect([response.status, response.headers['location']]).toEqual([302, '/found'])
  })

  it('of any other request is an error', async () => {
    expect(Either.isLeft(await fetchHttp()(getJson(`${origin}/old`))())).toBe(true)
    expect(Either.isLeft(await fetchHttp()({ ...getJson(`${origin}/old`), method: 'POST' })())).toBe(true)
  })
})

describe('a redirect that a browser hides', () => {
  const browserThatEndsAt = (url: string) => {
    const followed: Array<string> = []
    vi.stubGlobal('fetch', (_url: string, { redirect }: { readonly redirect: string }) => {
      followed.push(redirect)
      if (redirect === 'manual') return Promise.resolve({ type: 'opaqueredirect', status: 0, headers: [] })
      const response = new Response('{"a":1}')
      Object.defineProperty(response, 'url', { value: url })
      return Promise.resolve(response)
    })
    return followed
  }

  it('is followed within the origin', async () => {
    browserThatEndsAt('https://ehr.example/found')
    const response = good(await fetchHttp()(getDocument('https://EHR.example:443/old', true))())
    expect([response.status, response.body]).toEqual([200, '{"a":1}'])
  })

  it.each(['https://evil.example/found', 'http://ehr.example/found', 'https://ehr.example:8443/found', ''])(
    'is a redirect without a location if it ends at %j',
    async (url) => {
      browserThatEndsAt(url)
      const response = good(await fetchHttp()(getDocument('https://ehr.example/old', true))())
      expect(response).toMatchObject({ status: 302, headers: {}, body: '' })
    }
  )

  it('is not followed unless the request says so', async () => {
    const followed = browserThatEndsAt('https://ehr.example/found')
    const response = good(await fetchHttp()(getDocument('https://ehr.example/old', false))())
    expect([response.status, followed]).toEqual([302, ['manual']])
  })
})
