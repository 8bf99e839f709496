/**
 * An adversary between app and server: what must hold does in every trace, and stops to hold when the app has a fault.
 */
import { describe, expect, it } from 'vitest'
import type { Forgery } from './adversary.js'
import { exploreAdversary, forgeries } from './adversary.js'
import type { Method } from '../../support/app/parties.js'
import { everyMethod } from '../../support/app/parties.js'
import type { Fault } from './planted.js'
import { planted } from './planted.js'

const plans: ReadonlyArray<readonly [Method, Forgery, number]> = [
  ...everyMethod.map((method) => [method, 'plain', 2] as const),
  ...everyMethod.flatMap((method) =>
    forgeries.filter((forgery) => forgery !== 'plain').map((forgery) => [method, forgery, 1] as const)
  )
]

describe('with an adversary between them', { timeout: 60_000 }, () => {
  it("no trace gives the adversary what is the user's, or the user what is the adversary's", async () => {
    let traces = 0
    for (const [method, forgery, length] of plans) {
      const explored = await exploreAdversary(method, forgery, length)
      expect([method, forgery, ...explored.broken]).toEqual([method, forgery])
      expect(explored.sessions).toBeGreaterThan(0)
      traces += explored.traces
    }
    console.log(`adversary: ${String(traces)} traces explored, no invariant broken`)
    expect(traces).toBeGreaterThan(600)
  })
})

const arrivalNotCompared: Fault = {
  file: 'protocol/app/callback.ts',
  place: 'callback.redirectUri === null || callback.redirectUri === pending.binding.redirectUri',
  instead: 'callback.state !== pending.stateDigest'
}

const faults: ReadonlyArray<
  readonly [
    name: string,
    method: Method,
    forgery: Forgery,
    length: number,
    faults: ReadonlyArray<Fault>,
    complaint: RegExp
  ]
> = [
  [
    'the state is not compared',
    'none',
    'plain',
    1,
    [
      {
        file: 'protocol/app/callback.ts',
        place: 'if (!sameDigest(launch.stateDigest, stateDigest)) return onLaunchNotFound(state)',
        instead: ''
      }
    ],
    /a state that is not this browser's/
  ],
  [
    'the iss of the redirect is not compared',
    'none',
    'plain',
    1,
    [
      {
        file: 'protocol/app/callback.ts',
        place: 'binding.issuer === null ? originOf(iss) === binding.authorizationOrigin : iss === binding.issuer',
        instead: 'true || (binding.issuer ?? binding.authorizationOrigin) === originOf(iss)'
      },
      arrivalNotCompared
    ],
    /of another server.*sent to the adversary|sent to the adversary.*of another server/
  ],
  [
    'the redirect URI of the arrival is not compared',
    'none',
    'plain',
    1,
    [arrivalNotCompared],
    /token of the honest user is at the adversary/
  ],
  [
    'the verifier is not bound to the launch',
    'none',
    'plain',
    1,
    [
      {
        file: 'engine/app/launch.ts',
        place: '`code_verifier ${launchId}`',
        instead: '`code_verifier${launchId.slice(99)}`'
      }
    ],
    /token of the honest user is at the adversary|a session of mallory holds a token of alice/
  ],
  [
    'the issuer of the id_token is not checked',
    'none',
    'plain',
    1,
    [
      {
        file: 'protocol/app/id-token-rules.ts',
        place: "one === idToken.claims['iss']",
        instead: "one !== '' && idToken.text !== ''"
      }
    ],
    /a user of another issuer/
  ],
  [
    'endpoints of foreign origins are taken',
    'private_key_jwt',
    'foreignAuthorization',
    1,
    [
      {
        file: 'protocol/app/trust/server-documents.ts',
        place: 'trustedOriginsOf(server, use).includes(originOf(url))',
        instead: 'trustedOriginsOf(server, use).length > 0'
      },
      {
        file: 'protocol/app/callback.ts',
        place: 'binding.issuer === null ? originOf(iss) === binding.authorizationOrigin : iss === binding.issuer',
        instead: 'true || (binding.issuer ?? binding.authorizationOrigin) === originOf(iss)'
      },
      arrivalNotCompared
    ],
    /sent to the adversary/
  ],
  [
    'the launch is not used',
    'none',
    'plain',
    2,
    [
      {
        file: 'protocol/app/pending-launch.ts',
        place: 'step: use }',
        instead:
          "step: (launch, { writeId }) => ({ state: { ...launch, writeId }, command: { _tag: 'ExchangeCode' } }) }"
      }
    ],
    /presented its code twice/
  ]
]

describe('a planted fault is caught', { timeout: 60_000 }, () => {
  it.each(faults)('%s', async (_name, method, forgery, length, places, complaint) => {
    const explored = await exploreAdversary(method, forgery, length, await planted(places))
    expect([...explored.broken.keys()].join('; ')).toMatch(complaint)
  })

  it('and a place that is not there is noticed', async () => {
    await expect(planted([{ file: 'protocol/app/callback.ts', place: 'no such text', instead: '' }])).rejects.toThrow(
      'does not hold once'
    )
  })
})
