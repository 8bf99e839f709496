/** The conversation with the user over plain requests: from the app's request to the redirect with the code. */
import { describe, expect, it, vi } from 'vitest'
import {
  authorizeAddress,
  formOf,
  launched,
  locationOf,
  newBrowser,
  newHostWorld,
  redeemed,
  signInAs,
  toApp,
  toConsent,
  userNamed
} from '../../support/host-world.js'
import type { Browser } from '../../support/host-world.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'

const alice = userNamed('alice')

const grantIdOf = (browser: Browser): string => /smart_(.*)/.exec([...browser.cookies.keys()][0] ?? '')?.[1] ?? ''

/** Status and OAuth error of an error page. */
const errorOf = ({ status, body }: PlainResponse): string => {
  expect(body).toMatch(/role="(?:alert|status)"/)
  return `${String(status)} ${/<code>([a-z_]+)<\/code>/.exec(body)?.[1] ?? ''}`
}

describe('a standalone launch', () => {
  it('goes over the sign-in page of the host, the choice of a patient and the consent to a token', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world)
    const first = await browser.get(authorizeAddress())
    expect(first.status).toBe(303)
    const grantId = grantIdOf(browser)
    expect(locationOf(first)).toBe(
      `/sign-in?return_to=${encodeURIComponent(`/auth/interaction/${grantId}?after=sign-in`)}`
    )
    const choice = await signInAs(browser, first, alice)
    expect(choice.body).toContain('Ada Synthetic')
    const consent = await browser.get(locationOf(await browser.submit(formOf(choice), { patient: 'ada' })))
    expect(consent.body).toContain('Public App')
    expect(consent.body).toContain('the patient <bdi class="given">Ada Synthetic</bdi>')
    const form = formOf(consent)
    const done = await browser.post(form.action, [...form.fields, ['decision', 'allow']])
    const token = await redeemed(world, toApp(done)['code'] ?? '')
    expect(token['patient']).toBe('ada')
    expect(token['scope']).toBe('launch/patient patient/*.rs')
    expect(browser.cookies.size).toBe(0)
  })

  it('needs no sign-in page when the user has a session', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const first = await browser.get(authorizeAddress())
    expect(locationOf(first)).toBe(`/auth/interaction/${grantIdOf(browser)}`)
  })

  it('sets a cookie for the page of this conversation alone', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world)
    await browser.get(authorizeAddress())
    const [[name, cookie] = ['', { attributes: '' }]] = [...browser.cookies]
    expect(name).toBe(`__Secure-smart_${grantIdOf(browser)}`)
    expect(cookie.attributes).toBe(
      `Path=/auth/interaction/${grantIdOf(browser)}; HttpOnly; SameSite=Lax; Secure; Max-Age=600`
    )
  })

  it('without https, has a cookie without Secure', async () => {
    const world = newHostWorld({ issuer: 'http://127.0.0.1:4020/auth', fhirBaseUrl: 'http://127.0.0.1:4020/fhir' })
    const browser = newBrowser(world)
    await browser.get(authorizeAddress({ aud: 'http://127.0.0.1:4020/fhir' }))
    expect([...browser.cookies].map(([name, { attributes }]) => `${name} ${attributes}`).join()).not.toContain('Secure')
  })

  it('ends with access_denied when the user denies on any page', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress())))
    expect(toApp(await browser.submit(formOf(choice), { decision: 'deny' }))['error']).toBe('access_denied')
    const consent = await toConsent(browser)
    expect(toApp(await browser.submit(formOf(consent), { decision: 'deny' }))['error']).toBe('access_denied')
  })

  it('gives only the scopes that stayed ticked', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const { action, fields } = formOf(await toConsent(browser, { scope: 'launch/patient openid patient/*.rs' }))
    const kept = fields.filter(([name, value]) => name !== 'scope' || value !== 'openid')
    const done = await browser.post(action, [...kept, ['decision', 'allow']])
    expect((await redeemed(world, toApp(done)['code'] ?? ''))['scope']).toBe('launch/patient patient/*.rs')
  })

  it('gives no scope that the page did not show', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const { action, fields } = formOf(await toConsent(browser))
    const done = await browser.post(action, [...fields, ['scope', 'user/*.rs'], ['decision', 'allow']])
    expect((await redeemed(world, toApp(done)['code'] ?? ''))['scope']).toBe('launch/patient patient/*.rs')
  })
})

describe('the choice of a patient', () => {
  it('accepts only a patient who was offered, and shows the page again', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress())))
    const again = await browser.submit(formOf(choice), { patient: 'eve' })
    const page = await browser.get(locationOf(again))
    expect(page.body).toContain('Choose one of these.')
    expect(page.body).not.toContain('eve')
  })

  it('preselects the only patient', async () => {
    const world = newHostWorld({ patients: () => [{ id: 'ada', name: 'Ada' }] })
    const browser = newBrowser(world, alice)
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress())))
    expect(formOf(choice).fields).toContainEqual(['patient', 'ada'])
  })

  it('is answered for a user without patients: the app gets no patient scopes', async () => {
    const world = newHostWorld({ patients: () => [] })
    const browser = newBrowser(world, alice)
    const response = await browser.get(authorizeAddress())
    expect(locationOf(response) + response.body).not.toContain('Choose')
    expect(toApp(response)['error'] ?? (await browser.get(locationOf(response))).body).not.toContain('patient/*.rs')
  })

  it('takes an encounter with its patient, and refuses that of another patient', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const scope = 'launch/patient launch/encounter patient/*.rs'
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress({ scope }))))
    const wrong = await browser.submit(formOf(choice), { encounter: 'e1', patient: 'bob' })
    expect(locationOf(wrong)).toMatch(/\?missing=choice$/)
    const open = await browser.submit(formOf(choice), { patient: 'ada' })
    expect(locationOf(open)).toMatch(/\?missing=choice$/)
    const consent = await browser.get(locationOf(await browser.submit(formOf(choice), { encounter: 'e1' })))
    const { action, fields } = formOf(consent)
    const done = await browser.post(action, [...fields, ['decision', 'allow']])
    const token = await redeemed(world, toApp(done)['code'] ?? '')
    expect([token['patient'], token['encounter']]).toEqual(['ada', 'e1'])
  })
})

describe('an EHR launch', () => {
  const launchWorld = async (launchedBy: string | null = 'alice') => {
    const world = newHostWorld()
    const address = await world.host.launchUrl({ clientId: 'pub-app', context: { patient: 'bob' }, launchedBy })
    const launch = new URLSearchParams(address.slice(address.indexOf('?') + 1)).get('launch') ?? ''
    return { world, address, change: { launch, scope: 'launch patient/*.rs' } }
  }

  it('goes from one call to a token with the context of the EHR', async () => {
    const { world, address, change } = await launchWorld()
    expect(address.startsWith('https://app.example/launch?iss=https%3A%2F%2Fehr.example%2Ffhir&launch=')).toBe(true)
    const browser = newBrowser(world, alice)
    const token = await redeemed(world, await launched(browser, change))
    expect(token['patient']).toBe('bob')
  })

  it('sends another user to the sign-in page once, and then says why it cannot go on', async () => {
    const { world, change } = await launchWorld()
    const browser = newBrowser(world, userNamed('mallory'))
    const first = await browser.get(authorizeAddress(change))
    expect(locationOf(first)).toContain('prompt=login')
    const page = await signInAs(browser, first, userNamed('mallory'))
    expect(errorOf(page)).toBe('403 access_denied')
    expect(page.body).toContain('Another user launched the app.')
    expect(page.body).not.toContain('Bob')
    const retry = /href="([^"]*sign-in=again)"/.exec(page.body)?.[1] ?? ''
    const consent = await signInAs(browser, await browser.get(retry), alice)
    expect(consent.body).toContain('Bob Synthetic')
  })

  it.each([
    ['an unknown client', { clientId: 'nobody' }, 'there is no client "nobody"'],
    ['a launch URI that is not registered', { launchUri: 'https://evil.example' }, 'expected one of the registered'],
    ['a client without a launch URI', { clientId: 'native-app' }, 'found none'],
    ['a context of the wrong form', { context: { patient: 'no id!' } }, 'LaunchContextInvalid']
  ])('is refused with a clear error for %s', async (_name, change, message) => {
    const { host } = newHostWorld()
    const launch = { clientId: 'pub-app', context: { patient: 'ada' }, launchedBy: null, ...change }
    await expect(host.launchUrl(launch)).rejects.toThrow(message)
  })
})

describe('the session of the host', () => {
  it.each([
    ['prompt=login', { prompt: 'login' }, 2000],
    ['prompt=select_account', { prompt: 'select_account' }, 2000],
    ['max_age', { max_age: '10' }, 1000]
  ])('is not enough for %s', async (_name, change, authTime) => {
    const world = newHostWorld()
    world.clock.now = 2000
    const browser = newBrowser(world, userNamed('alice', authTime))
    const first = await browser.get(authorizeAddress(change))
    expect(locationOf(first)).toContain('prompt=login')
    const choice = await signInAs(browser, first, userNamed('alice', 2000))
    expect(choice.body).toContain('Ada Synthetic')
  })

  it('that is still too old after the sign-in page ends on a page, not in a loop', async () => {
    const world = newHostWorld()
    world.clock.now = 2000
    const browser = newBrowser(world, alice)
    const first = await browser.get(authorizeAddress({ prompt: 'login' }))
    const page = await signInAs(browser, first, alice)
    expect(page.status).toBe(403)
    expect(page.body).toContain('The app requires that you sign in again.')
  })

  it('that is still missing after the sign-in page ends on a page, not in a loop', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world)
    const first = await browser.get(authorizeAddress())
    browser.user = null
    const page = await browser.get(new URLSearchParams(locationOf(first).split('?')[1]).get('return_to') ?? '')
    expect(page.body).toContain('You are not signed in.')
  })

  it('of another user shows nothing of the conversation and accepts no decision', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const consent = await toConsent(browser)
    browser.user = userNamed('mallory')
    const { action, fields } = formOf(consent)
    const shown = await browser.get(action)
    expect(shown.body).not.toContain('Public App')
    expect(shown.body).toContain('sign-in=again')
    const decided = await browser.post(action, [...fields, ['decision', 'allow']])
    expect(toApp(decided)).toEqual({})
    expect(decided.body).not.toContain('Public App')
  })

  it('that ended in the meantime leads to the sign-in page and back to the same place', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const { action } = formOf(await toConsent(browser))
    browser.user = null
    const consent = await signInAs(browser, await browser.get(action), userNamed('alice', 1000))
    expect(consent.body).toContain('Give access?')
  })

  it('that ended in the meantime, and is still missing after the sign-in page, ends on a page', async () => {
    const browser = newBrowser(newHostWorld(), alice)
    const { action } = formOf(await toConsent(browser))
    browser.user = null
    const page = await browser.get(`${action}?after=sign-in`)
    expect([page.status, locationOf(page)]).toEqual([403, ''])
    expect(page.body).toContain('sign-in=again')
    expect(page.body).not.toContain('Public App')
  })

  it('may have the sign-in page inside: a function draws it', async () => {
    const world = newHostWorld({
      signIn: ({ returnTo, client, mustSignInAgain }) =>
        `<p>${returnTo} ${client?.id ?? ''} ${String(mustSignInAgain)}</p>`
    })
    const browser = newBrowser(world)
    const first = await browser.get(authorizeAddress())
    const page = await browser.get(locationOf(first))
    expect(page.body).toBe(`<p>/auth/interaction/${grantIdOf(browser)}?after=sign-in pub-app false</p>`)
  })

  it('may have the sign-in page inside, which names the app and can end the request', async () => {
    const world = newHostWorld({
      signIn: ({ cancel, client }) =>
        cancel === null
          ? `<p>${client?.id ?? 'no app'}</p>`
          : `<p>${client?.id ?? ''}</p><form method="post" action="${cancel.action}">${cancel.hiddenFields}</form>`
    })
    const browser = newBrowser(world)
    const page = await browser.get(locationOf(await browser.get(authorizeAddress())))
    const again = await browser.get(`/auth/interaction/${grantIdOf(browser)}?sign-in=again`)
    expect(again.body).toBe(page.body)
    expect((await newBrowser(world).get('/auth/apps')).body).toBe('<p>no app</p>')
    expect((await newBrowser(world).get('/auth/interaction/x?sign-in=again')).body).toBe('<p>no app</p>')
    expect(toApp(await browser.submit(formOf(page), { decision: 'deny' }))['error']).toBe('access_denied')
  })

  it('with a user of the wrong form is an error of the host, not a sign-in', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, { ...alice, authTime: 1_700_000_000_000 })
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    expect((await browser.get(authorizeAddress())).status).toBe(500)
    expect(String(said.mock.calls[0]?.[1])).toContain('gave a wrong authTime: expected whole seconds')
    said.mockRestore()
  })

  it('is read again after a redirect to a sign-in page of another origin, with a whole address', async () => {
    const world = newHostWorld({ signIn: 'https://login.example/start?tenant=1' })
    const location = locationOf(await newBrowser(world).get(authorizeAddress()))
    expect(location).toMatch(
      /^https:\/\/login\.example\/start\?tenant=1&return_to=https%3A%2F%2Fehr\.example%2Fauth%2F/
    )
  })
})

describe('a form', () => {
  it.each([
    [
      'without the cookie',
      (browser: Browser) => {
        browser.cookies.clear()
      },
      {}
    ],
    [
      'with the cookie of another browser',
      (browser: Browser) => {
        for (const [name, cookie] of browser.cookies) browser.cookies.set(name, { ...cookie, value: 'x'.repeat(43) })
      },
      {}
    ],
    ['with a wrong form token', () => undefined, { form_token: 'x'.repeat(43) }],
    ['without a form token', () => undefined, { form_token: '' }]
  ])('%s decides nothing', async (_name, change, more) => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const form = formOf(await toConsent(browser))
    const kept = new Map(browser.cookies)
    change(browser)
    const fields = form.fields.filter(([name]) => !Object.hasOwn(more, name))
    for (const decision of ['allow', 'deny']) {
      const response = await browser.post(form.action, [...fields, ...Object.entries(more), ['decision', decision]])
      expect(toApp(response)).toEqual({})
      expect(errorOf(response)).toBe('403 invalid_request')
    }
    for (const [name, cookie] of kept) browser.cookies.set(name, cookie)
    const done = await browser.post(form.action, [...form.fields, ['decision', 'allow']])
    expect(toApp(done)['code']).toBeDefined()
  })

  it('with a wrong form token chooses no patient', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress())))
    const refused = await browser.submit(formOf(choice), { patient: 'ada', form_token: 'x' })
    expect(errorOf(refused)).toBe('403 invalid_request')
    expect((await browser.get(formOf(choice).action)).body).toContain('Choose a patient')
  })

  it('that is sent as JSON, or with a repeated field, is refused', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const form = formOf(await toConsent(browser))
    const twice = await browser.post(form.action, [...form.fields, ['decision', 'deny'], ['decision', 'allow']])
    expect(errorOf(twice)).toBe('400 invalid_request')
    const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ')
    const json = await world.host.answer(
      {
        method: 'POST',
        path: form.action,
        query: '',
        headers: { cookie, 'content-type': 'application/json' },
        body: JSON.stringify(Object.fromEntries([...form.fields, ['decision', 'allow']]))
      },
      { user: alice }
    )
    expect(errorOf(json)).toBe('400 invalid_request')
  })

  it('of an earlier page leads to the page that is needed now', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const choice = formOf(await browser.get(locationOf(await browser.get(authorizeAddress()))))
    await browser.submit(choice, { patient: 'ada' })
    const again = await browser.submit(choice, { patient: 'bob' })
    const consent = await browser.get(locationOf(again))
    expect(consent.body).toContain('Ada Synthetic')
    expect(consent.body).not.toContain('Bob Synthetic')
  })

  it('that is sent again after the end says that it is over', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const form = formOf(await toConsent(browser))
    const cookies = new Map(browser.cookies)
    await browser.post(form.action, [...form.fields, ['decision', 'allow']])
    for (const [name, cookie] of cookies) browser.cookies.set(name, cookie)
    const again = await browser.post(form.action, [...form.fields, ['decision', 'allow']])
    expect(errorOf(again)).toBe('400 invalid_request')
  })

  it('belongs to its own conversation: two tabs do not interfere', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const one = formOf(await toConsent(browser, { state: 'one' }, 'ada'))
    const other = formOf(await toConsent(browser, { state: 'other' }, 'bob'))
    const crossed = await browser.post(one.action, [...other.fields, ['decision', 'allow']])
    expect(errorOf(crossed)).toBe('403 invalid_request')
    const done = toApp(await browser.post(other.action, [...other.fields, ['decision', 'allow']]))
    expect(done['state']).toBe('other')
    expect((await redeemed(world, done['code'] ?? ''))['patient']).toBe('bob')
    const first = toApp(await browser.post(one.action, [...one.fields, ['decision', 'allow']]))
    expect([first['state'], (await redeemed(world, first['code'] ?? ''))['patient']]).toEqual(['one', 'ada'])
  })

  it('for an unknown conversation, and another method, are refused', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    expect(errorOf(await browser.get('/auth/interaction/unknown'))).toBe('400 invalid_request')
    const put = await world.host.answer(
      { method: 'PUT', path: '/auth/interaction/unknown', query: '', headers: {}, body: '' },
      { user: null }
    )
    expect([put.status, put.headers['allow']]).toEqual([405, 'GET, POST'])
  })
})

describe('return addresses', () => {
  const { host } = newHostWorld()
  it.each([
    ['/auth/interaction/abc?after=sign-in', true],
    ['/auth/interaction/abc', true],
    ['https://ehr.example/auth/interaction/abc?after=sign-in', true],
    ['/auth/apps?after=sign-in', true],
    ['/auth/interaction/abc?next=https://evil.example', false],
    ['//evil.example/auth/interaction/abc', false],
    ['https://ehr.example.evil.example/auth/interaction/abc', false],
    ['/auth/interaction/../../evil', false],
    ['/auth/interaction/abc#x', false],
    ['', false]
  ])('%s', (address, isReturn) => {
    expect(host.isReturnAddress(address)).toBe(isReturn)
  })
})
