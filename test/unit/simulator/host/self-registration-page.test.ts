/** What the page of apps says of apps that register themselves: whether they may, where, and how that is changed. */
import * as Either from 'fp-ts/lib/Either.js'
import { parse as parseHtml } from 'node-html-parser'
import { expect, it } from 'vitest'
import type { RequestHandler } from '../../../../src/engine/server/http-handler.js'
import { readConfig } from '../../../../src/simulator/config/config.js'
import { simulator } from '../../../../src/simulator/simulator.js'
import { requestTo, simulatorHere } from '../../../support/simulator/in-process.js'
import { root, SettingsBrowser } from '../../../support/simulator/settings-browser.js'

const json = { 'content-type': 'application/json' }

const cardOf = async (answer: RequestHandler) => {
  const { response } = await new SettingsBrowser(answer).request(`${root}/ehr/apps`)
  const card = parseHtml(response.body)
    .querySelectorAll('.card')
    .find(({ text }) => text.includes('Apps that register themselves'))
  return {
    words: card?.text.replaceAll(/\s+/g, ' ') ?? '',
    command: card?.querySelector('#command')?.text.replaceAll('&quot;', '"').replaceAll('&#39;', "'") ?? ''
  }
}

/** The body and the headers of a command with curl. */
const sentBy = (command: string) => ({
  body: /-d '([^']*)'/.exec(command)?.[1] ?? '',
  headers: Object.fromEntries(
    [...command.matchAll(/-H ['"]([\w-]+): ([^'"]*)['"]/g)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      value
    ])
  ),
  url: command.trim().split(/\s+/).at(-1) ?? ''
})

it('where it is closed, names the member of the configuration that opens it', async () => {
  const answer = await simulatorHere()
  const { command, words } = await cardOf(answer)
  expect(words).toMatch(/closed The registration endpoint is http:\/\/127\.0\.0\.1:4010\/register\. It is closed/)
  expect((await answer({ ...requestTo('POST', '/register', json), body: '{}' })()).status).toBe(404)
  const file = /echo '([^']*)' > (\S+)\nnpm start -- --config (\S+)$/.exec(command)
  expect(file?.[2]).toBe(file?.[3])
  const config = readConfig(file?.[1] ?? '')
  expect(Either.isRight(config) ? config.right.registration : config.left).toBe('open')
})

it('where it is open, has a command that registers an app', async () => {
  const answer = await simulatorHere({ registration: 'open' })
  const { command, words } = await cardOf(answer)
  expect(words).toContain('Every app can register itself:')
  const { body, headers, url } = sentBy(command)
  expect([url, headers]).toEqual([`${root}/register`, json])
  expect((await answer({ ...requestTo('POST', '/register', headers), body })()).status).toBe(201)
})

it('where it needs a token, has a command with a place for the token, and not the token', async () => {
  const config = readConfig(JSON.stringify({ registration: 'token' }))
  if (Either.isLeft(config)) throw new Error('no configuration')
  const built = await simulator(config.right, { initialAccessToken: 'the-initial-access-token' })()
  if (Either.isLeft(built)) throw new Error(built.left.reason)
  const { answer } = built.right
  const { command, words } = await cardOf(answer)
  expect(words).toContain('with the initial access token, which is printed at the start')
  expect(words).not.toContain('the-initial-access-token')
  const { body, headers } = sentBy(command.replace('$INITIAL_ACCESS_TOKEN', 'the-initial-access-token'))
  expect((await answer({ ...requestTo('POST', '/register', headers), body })()).status).toBe(201)
  expect((await answer({ ...requestTo('POST', '/register', json), body })()).status).toBe(401)
})
