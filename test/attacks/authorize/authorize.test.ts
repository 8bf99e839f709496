import { expect } from 'vitest'
import { answerRows, hostRows } from './authorize-answers.js'
import { conversationRows, launchRows } from './authorize-launch.js'
import { parameterRows } from './authorize-parameters.js'
import { audienceRows, pkceRows } from './authorize-pkce.js'
import { redirectUriControls, redirectUriRows } from './authorize-redirect-uri.js'
import { agree, atConsent } from '../../support/server/conversation.js'
import { attackGroup } from '../row.js'
import { simulatorForAll } from '../../support/simulator/simulated.js'
import { bodyOf, exchange, isAlive, newFixture, redirected } from '../../support/server-fixture.js'

const simulator = simulatorForAll()

attackGroup({
  endpoint: 'authorize',
  rows: [
    ...parameterRows,
    ...redirectUriRows,
    ...pkceRows,
    ...audienceRows,
    ...launchRows,
    ...conversationRows,
    ...answerRows,
    ...hostRows(simulator)
  ],
  controls: [
    ...redirectUriControls.map(({ name, client, address, ports }) => ({
      name,
      run: async () => {
        const fixture = newFixture(ports === undefined ? {} : { ports })
        const sent = await agree(fixture, await atConsent(fixture, { client_id: client, redirect_uri: address }))
        expect(
          sent._tag === 'SendToApp'
            ? String(sent.response.headers['location']).startsWith(
                `${address}${address.includes('?') ? '&' : '?'}code=`
              )
            : sent._tag
        ).toBe(true)
        const token = bodyOf(
          await exchange(fixture, redirected(sent)?.get('code') ?? '', { client_id: client, redirect_uri: address })
        )['access_token']
        expect(await isAlive(fixture, String(token))).toBe(true)
      }
    }))
  ]
})
