/** Apps of links on the page of apps: apart from a registered one with the id, and registered with all they have. */
import { parse as parseHtml } from 'node-html-parser'
import { expect, it } from 'vitest'
import { encodeSetting } from '../../../../src/simulator/settings/setting.js'
import { browserAt, home, simulatorHere, tokensAt } from '../../../support/simulator/in-process.js'

const jwks = {
  keys: [
    {
      crv: 'P-384',
      kid: 'a',
      kty: 'EC',
      x: 'iA7lWQLzVrKGEFjfGMfMHfTEZ2KnLiKU7JuNT3E7ldsrl7p86_kqbdTr6HcaGiKo',
      y: 'zX3HzCjuJu4QL1YDUKVtrs4d_BtVYEBtlWTUyDdVbWqtBTPJCeFzeJ1pHoJYCkzr'
    }
  ]
}

const cardsOf = async (answer: Awaited<ReturnType<typeof simulatorHere>>, clientId: string) => {
  const page = parseHtml((await browserAt(answer).get('/ehr/apps')).body)
  const cards = page.querySelectorAll('.cards > .card').filter((card) => card.querySelector('dd')?.text === clientId)
  return cards.map((card) => ({
    words: card.text.replaceAll(/\s+/g, ' '),
    linkOf: (label: string) =>
      card
        .querySelectorAll('a')
        .find(({ text }) => text.replace(/:.*/, '') === label)
        ?.getAttribute('href')
        ?.replaceAll('&amp;', '&')
  }))
}

it('an app with the id of a registered one has its own card, requests and grants', async () => {
  const answer = await simulatorHere()
  const app = { client_id: 'my-app', client_name: 'Of a link', redirect_uris: [`${home}/app`] }
  const server = `${home}/sim/${encodeSetting({ app })}`
  await tokensAt(answer, server, 'openid user/Patient.rs', browserAt(answer), 'my-app')
  const [registered, ofLink, ...others] = await cardsOf(answer, 'my-app')
  expect(others).toEqual([])
  expect(registered?.words).toMatch(/^My App of the configuration.*nothing in the log.*no grant on the list/)
  expect(ofLink?.words).toMatch(/^Of a link launched by its URLs.*user\/Patient\.rs.*the request.*the grant/)
  expect(ofLink?.words).toContain('A registered app has this client_id.')
  expect(ofLink?.linkOf('Register it')).toBeUndefined()
})

it('an app with the id and the addresses of a registered one has its own name, requests and grants too', async () => {
  const answer = await simulatorHere()
  const browser = browserAt(answer)
  const app = { client_id: 'sample-app', redirect_uris: [`${home}/app`] }
  await tokensAt(answer, `${home}/sim/${encodeSetting({ app })}`, 'openid user/Patient.rs', browser)
  const cards = await cardsOf(answer, 'sample-app')
  expect(cards.map(({ words }) => words.includes('user/Patient.rs'))).toEqual([false, true])
  expect(cards[0]?.words).toMatch(/^Sample App.*nothing in the log.*no grant on the list/)
  const log = parseHtml((await browser.get('/ehr/log')).body)
  expect(log.querySelectorAll('.line .head strong').map(({ text }) => text)).not.toContain('Sample App')
  expect(log.querySelectorAll('select[name=app] option').map(({ text }) => text)).toEqual(['all apps', 'sample-app'])
  const grants = log.querySelectorAll('select[name=grant] option').map(({ text }) => text)
  expect(grants[1]).toMatch(/^sample-app, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/)
  expect((await browser.get('/ehr/grants')).body).not.toContain('Sample App')
})

it('a backend service of a link, which has no address, is apart from an app that users open', async () => {
  const answer = await simulatorHere()
  const app = { client_id: 'my-app', client_name: 'Service', jwks, scope: 'system/Patient.rs' }
  await browserAt(answer).get(`/sim/${encodeSetting({ app })}/authorize`)
  expect((await cardsOf(answer, 'my-app')).map(({ words }) => words.split(' ')[0])).toEqual(['My', 'Service'])
})

it('an app of a link is launched and registered with all that its link contains, except its secret', async () => {
  const answer = await simulatorHere()
  const redirect_uris = ['http://localhost:1/cb', 'com.example.app:/cb']
  const native = { application_type: 'native', redirect_uris, scope: 'launch patient/*.rs' } as const
  const linked = [
    { client_id: 'keyed', client_name: 'Keyed', ...native, jwks, launch_uri: 'http://localhost:1/launch' },
    { client_id: 'secret', ...native, client_secret: 'hush', token_endpoint_auth_method: 'client_secret_post' } as const
  ]
  for (const app of linked) await browserAt(answer).get(`/sim/${encodeSetting({ app })}/authorize`)
  const fieldsOf = async (clientId: string, label: string) => {
    const [card] = await cardsOf(answer, clientId)
    return Object.fromEntries(new URL(card?.linkOf(label) ?? '', home).searchParams)
  }
  const shared = { redirect_uris: redirect_uris.join('\n'), application_type: 'native', scope: native.scope }
  const keyed = { ...shared, client_id: 'keyed', client_name: 'Keyed', keys: JSON.stringify(jwks) }
  expect(await fieldsOf('keyed', 'Register it')).toEqual({
    ...keyed,
    launch_uris: 'http://localhost:1/launch',
    method: 'private_key_jwt'
  })
  expect(await fieldsOf('keyed', 'Launch it')).toEqual({
    ...keyed,
    launch_uri: 'http://localhost:1/launch',
    kind: 'ehr',
    app: '*'
  })
  const secret = { ...shared, client_id: 'secret' }
  expect(await fieldsOf('secret', 'Register it')).toEqual({ ...secret, method: 'client_secret_post' })
  expect(await fieldsOf('secret', 'Launch it')).toEqual({
    ...secret,
    secret_method: 'client_secret_post',
    kind: 'standalone',
    app: '*'
  })
})
