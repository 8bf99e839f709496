/** From the form of the launch page to a token, with an app that is known by its URLs alone. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestUser, sentTo } from '../support/simulator/person.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'

let simulator: RunningSimulator
let app: Server
let origin = ''
beforeAll(async () => {
  simulator = await startSimulator()
  app = createServer((_request, response) => response.end('app')).listen(0, '127.0.0.1')
  await new Promise((resolve) => app.once('listening', resolve))
  origin = `http://127.0.0.1:${String((app.address() as AddressInfo).port)}`
})
afterAll(async () => {
  app.close()
  await simulator.stop()
})

it('an app of one’s own is launched with one form, and gets a token', async () => {
  const form = new URLSearchParams({
    kind: 'ehr',
    app: '*',
    launch_uri: `${origin}/launch`,
    redirect_uris: `${origin}/callback`,
    client_id: 'brand-new',
    user: 'alice',
    patient: 'example-4',
    intent: 'order-review',
    go: 'launch'
  })
  form.append('skip', 'consent')
  const person = new TestUser(simulator.base)
  const launched = sentTo(await person.go(`${simulator.base}/ehr/link?${form.toString()}`))
  expect(launched.href.startsWith(`${origin}/launch?iss=`)).toBe(true)
  const iss = launched.searchParams.get('iss') ?? ''
  const configuration = (await (await fetch(`${iss}/.well-known/smart-configuration`)).json()) as Record<string, string>
  const verifier = 'v'.repeat(64)
  const back = sentTo(
    await person.go(
      `${configuration['authorization_endpoint'] ?? ''}?${new URLSearchParams({
        client_id: 'brand-new',
        redirect_uri: `${origin}/callback`,
        response_type: 'code',
        scope: 'launch openid fhirUser patient/*.rs',
        state: 's',
        aud: iss,
        launch: launched.searchParams.get('launch') ?? '',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256'
      }).toString()}`
    )
  )
  expect(back.href.startsWith(`${origin}/callback?code=`)).toBe(true)
  const response = await fetch(configuration['token_endpoint'] ?? '', {
    method: 'POST',
    headers: { origin },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: `${origin}/callback`,
      client_id: 'brand-new',
      code_verifier: verifier
    })
  })
  const tokens = (await response.json()) as Record<string, string>
  expect(tokens).toMatchObject({ patient: 'example-4', intent: 'order-review' })
  // The pages of the app may read the answers.
  expect(response.headers.get('access-control-allow-origin')).toBe(origin)
  const patient = await fetch(`${iss}/Patient/example-4`, {
    headers: { authorization: `Bearer ${tokens['access_token'] ?? ''}`, accept: 'application/fhir+json' }
  })
  expect([patient.status, ((await patient.json()) as { readonly id: string }).id]).toEqual([200, 'example-4'])
})
