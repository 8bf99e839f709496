/** Requests about one registration that meet at the store: every order, with store faults. */
import { describe, expect, it } from 'vitest'
import { manage, register, registered, registrationWorld, webApp } from '../support/client/registration.js'
import type { Interleaving, ScheduledStore } from '../support/schedules/schedules.js'
import { everySchedule, scheduled } from '../support/schedules/schedules.js'
import type { Fixture } from '../support/server-fixture.js'
import { authorize, bodyOf, newFixture, sha256, fixtureServer } from '../support/server-fixture.js'
import { clientKey } from '../../src/engine/server/store-keys.js'
import type { PlainResponse } from '../../src/protocol/http/message.js'

const prepare = async (method = 'client_secret_basic', origins: ReadonlyArray<string> = webApp.redirect_uris) => {
  const box: { store?: ScheduledStore } = {}
  const fixture = newFixture({ ...registrationWorld(), store: (memory) => (box.store = scheduled(memory)) })
  const reported = registered(await register(fixture, { ...webApp, token_endpoint_auth_method: method }))
  registered(await register(fixture, { ...webApp, redirect_uris: origins }))
  if (box.store === undefined) throw new Error('no store')
  return {
    fixture,
    store: box.store,
    clientId: String(reported['client_id']),
    token: String(reported['registration_access_token'])
  }
}

const replacement = (clientId: string, change: object) => ({
  ...webApp,
  token_endpoint_auth_method: 'client_secret_basic',
  client_id: clientId,
  ...change
})

/** The digests of the secrets that are stored for a client. */
const secretsOf = (fixture: Fixture, clientId: string): ReadonlyArray<string> => {
  const text =
    fixture.memory.entries().find(([key]) => key === clientKey(fixtureServer, clientId))?.[1] ?? '{"secrets":[]}'
  return (JSON.parse(text) as { readonly secrets: ReadonlyArray<{ readonly digest: string }> }).secrets.map(
    ({ digest }) => digest
  )
}

const surprising = (answers: ReadonlyArray<PlainResponse>, allowed: ReadonlyArray<number>): ReadonlyArray<string> =>
  answers.filter(({ status }) => !allowed.includes(status)).map(({ status }) => `status ${String(status)}`)

/** Another client has the origins already, so that no new ones are counted, and there are fewer orders. */
const knownOrigins = ['one', 'two'].map((name) => `https://${name}.example/cb`)

/** Two replacements: what is stored afterwards is wholly the one or wholly the other. */
const twoUpdates = async (): Promise<Interleaving> => {
  const { fixture, store, clientId, token } = await prepare('client_secret_basic', knownOrigins)
  const answers: Array<PlainResponse> = []
  const changes = ['one', 'two'].map((name) => ({ client_name: name, redirect_uris: [`https://${name}.example/cb`] }))
  return {
    store,
    processes: changes.map((change) => async () => {
      answers.push(await manage(fixture, 'PUT', clientId, token, replacement(clientId, change)))
    }),
    judge: async () => {
      const now = bodyOf(await manage(fixture, 'GET', clientId, token))
      const redirect = String((now['redirect_uris'] as ReadonlyArray<string>)[0])
      const isWhole = [...changes, webApp].some(
        ({ client_name, redirect_uris }) => now['client_name'] === client_name && redirect === redirect_uris[0]
      )
      const confirmed = answers.filter(({ status }) => status === 200).map((answer) => bodyOf(answer)['client_name'])
      return [
        ...surprising(answers, [200, 503]),
        ...(isWhole ? [] : ['a mixture of two registrations']),
        ...(confirmed.length === 2 && !confirmed.includes(now['client_name'])
          ? ['neither of two confirmed replacements']
          : [])
      ]
    }
  }
}

/**
 * Two replacements by which a client without a secret gets one: the last one to receive an answer knows the secret that
 * is valid. The client is native: it has no origins to remember, so there are fewer orders.
 */
const updatesThatNeedSecret = async (): Promise<Interleaving> => {
  const { fixture, store, clientId, token } = await prepare('none')
  const answers: Array<PlainResponse> = []
  return {
    store,
    processes: ['one', 'two'].map((name) => async () => {
      answers.push(
        await manage(
          fixture,
          'PUT',
          clientId,
          token,
          replacement(clientId, { client_name: name, application_type: 'native' })
        )
      )
    }),
    judge: () => {
      const shown = answers
        .filter(({ status }) => status === 200)
        .flatMap((answer) => {
          const { client_secret: secret } = bodyOf(answer)
          return typeof secret === 'string' ? [sha256(secret)] : []
        })
      const good = secretsOf(fixture, clientId)
      const isConfirmed = answers.every(({ status }) => status === 200)
      return Promise.resolve([
        ...surprising(answers, [200, 503]),
        ...(isConfirmed && !good.some((digest) => shown.includes(digest)) ? ['a secret that nobody was shown'] : [])
      ])
    }
  }
}

/** A replacement and the removal: once the removal is confirmed there is no client, whatever the other received. */
const updateAndRemoval = async (): Promise<Interleaving> => {
  const { fixture, store, clientId, token } = await prepare()
  const answers: Array<PlainResponse> = []
  let removal = 0
  return {
    store,
    processes: [
      async () => {
        answers.push(await manage(fixture, 'PUT', clientId, token, replacement(clientId, { client_name: 'Renamed' })))
      },
      async () => {
        removal = (await manage(fixture, 'DELETE', clientId, token)).status
      }
    ],
    judge: async () => {
      const read = (await manage(fixture, 'GET', clientId, token)).status
      const asks = (await authorize(fixture, { client_id: clientId, redirect_uri: 'https://new.example/cb' }))._tag
      return [
        ...surprising(answers, [200, 401, 503]),
        ...([204, 503].includes(removal) ? [] : [`removal ${String(removal)}`]),
        ...(removal === 204 && (read !== 401 || asks !== 'ShowRefusal')
          ? ['alive after its removal was confirmed']
          : [])
      ]
    }
  }
}

/** A replacement and a rotation: a confirmed new secret is not lost by a replacement that began before it. */
const updateAndRotation = async (): Promise<Interleaving> => {
  const { fixture, store, clientId, token } = await prepare()
  const answers: Array<PlainResponse> = []
  let isRotated = false
  return {
    store,
    processes: [
      async () => {
        answers.push(await manage(fixture, 'PUT', clientId, token, replacement(clientId, { client_name: 'Renamed' })))
      },
      async () => {
        isRotated = (await fixture.server.admin.rotateSecret(clientId, 60)())._tag === 'Right'
      }
    ],
    judge: () => {
      const secrets = secretsOf(fixture, clientId)
      return Promise.resolve([
        ...surprising(answers, [200, 503]),
        ...(isRotated && secrets.length !== 2 ? [`${String(secrets.length)} secrets`] : [])
      ])
    }
  }
}

describe('every schedule of concurrent requests about one registration', () => {
  it.each<readonly [string, () => Promise<Interleaving>, number]>([
    ['two replacements, no fault', twoUpdates, 0],
    ['two replacements that need a secret, one fault', updatesThatNeedSecret, 1],
    ['replacement and removal, no fault', updateAndRemoval, 0],
    ['replacement and removal, one fault', updateAndRemoval, 1],
    ['replacement and rotation, no fault', updateAndRotation, 0],
    ['replacement and rotation, one fault', updateAndRotation, 1]
  ])('%s', { timeout: 120_000 }, async (name, meet, faults) => {
    const findings = await everySchedule(meet, faults)
    console.log(`${name}: ${String(findings.schedules)} schedules, ${String(findings.complaints.length)} violations`)
    expect(findings.schedules).toBeGreaterThan(1)
    expect(findings.complaints).toEqual([])
  })
})
