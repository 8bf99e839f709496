/** The simulator while its store does not answer. */
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { expect, it } from 'vitest'
import type { Store } from '../../../src/engine/ports.js'
import { readConfig } from '../../../src/simulator/config/config.js'
import { tokenRefused } from '../../../src/simulator/fhir/responses.js'
import { simulator } from '../../../src/simulator/simulator.js'
import { jsonStore } from '../../support/simulator/json-store.js'

const base = 'http://127.0.0.1:4010'

it('answers 503 with Retry-After, on pages and FHIR requests too', async () => {
  const working = jsonStore({ text: '{}' })
  let isDown = false
  const down = TaskEither.left({ _tag: 'Unavailable', applied: 'no' } as const)
  const store: Store = {
    load: (key) => (isDown ? down : working.load(key)),
    swap: (...values) => (isDown ? down : working.swap(...values))
  }
  const config = readConfig('{}', base)
  if (Either.isLeft(config)) throw new Error('no configuration')
  const built = await simulator(config.right, { store })()
  if (Either.isLeft(built)) throw new Error(built.left.reason)
  isDown = true
  const launchUri = encodeURIComponent(`${base}/app/launch`)
  const launch = `client_id=sample-app&launch_uri=${launchUri}&user=alice&patient=example-1`
  const answers = await Promise.all(
    [
      { path: '/', query: '', headers: { cookie: 'ehr_session=a.b' } },
      { path: '/ehr/launch', query: launch, headers: {} }
    ].map((request) => built.right.answer({ method: 'GET', body: '', ...request })())
  )
  expect(
    [...answers, tokenRefused({ _tag: 'StoreUnavailable' })].map(({ status, headers }) => [
      status,
      headers['retry-after']
    ])
  ).toEqual([
    [503, '1'],
    [503, '1'],
    [503, '1']
  ])
})
