/** Wrong options and wrong answers of the host's own code: each is named once, at once, and on the console. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { MockInstance } from 'vitest'
import { authorizeAddress, locationOf, newBrowser, newHostWorld, userNamed } from '../../support/host-world.js'
import { createFhirGate } from '../../../src/plain/gate.js'
import { createAuthorizationServer } from '../../../src/plain/server.js'
import { isConfigurationError } from '../../../src/plain/configuration-error.js'

const alice = userNamed('alice')

let written: MockInstance<typeof console.error>
let warned: MockInstance<typeof console.warn>
beforeEach(() => {
  written = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  written.mockRestore()
  warned.mockRestore()
})
const onConsole = (): string => written.mock.calls.map((call) => call.map(String).join(' ')).join('\n')

/** What a configuration error names: path and expectation. */
const named = (make: () => unknown): ReadonlyArray<string> => {
  try {
    make()
    return []
  } catch (thrown) {
    if (!isConfigurationError(thrown)) throw thrown
    return thrown.errors.map(({ path, expected }) => `${path}: ${expected}`)
  }
}

const failing = (): never => {
  throw new Error('the database is down')
}

describe('an option that does not exist', () => {
  it.each([
    [{ patient: () => [] }, 'patient: a known option, probably `patients`'],
    [{ remember_consent: {} }, 'remember_consent: a known option, probably `rememberConsent`'],
    [{ pages: { consnt: () => '' } }, 'pages.consnt: a known option, probably `pages.consent`'],
    [{ proxy: { remove: '/auth' } }, 'proxy.remove: a known option, probably `proxy.removes`'],
    [{ features: { onlineAcces: true } }, 'features.onlineAcces: a known option, probably `features.onlineAccess`']
  ])('of a host is named with the likeliest: %o', (options, expected) => {
    expect(named(() => newHostWorld(options as never))).toContain(expected)
  })

  it('of a server or a gate is named too', () => {
    expect(named(() => createAuthorizationServer({ permitedScopes: () => '' } as never))).toContain(
      'permitedScopes: a known option, probably `permittedScopes`'
    )
    expect(
      named(() => createFhirGate({ base: 'https://ehr.example/fhir', server: failing, usermay: failing } as never))
    ).toEqual(['usermay: a known option, probably `userMay`'])
    for (const release of ['R5', {}, null])
      expect(
        named(() => createFhirGate({ base: 'https://ehr.example/fhir', server: failing, rules: { release } } as never))
      ).toEqual(['rules.release: a release of smart-app-launch/releases, such as releaseR5, or nothing'])
  })

  it('is no guess when nothing is like it, and no complaint when it is undefined', () => {
    expect(named(() => newHostWorld({ logo: 'x' } as never))[0]).toMatch(/^logo: one of issuer, /)
    expect(named(() => newHostWorld({ logo: undefined } as never))).toEqual([])
  })
})

describe('a sign-in page at an address of the host', () => {
  it.each(['/fhir/sign-in', '/auth/apps?x', 'https://ehr.example/auth/authorize'])('is refused: %s', (signIn) => {
    const fhir = () => ({ status: 200, headers: {}, body: '' })
    expect(named(() => newHostWorld({ signIn, fhir }))).toEqual([expect.stringMatching(/^signIn: an address that /)])
  })

  it('may lie anywhere else', () => {
    for (const signIn of ['/auth/sign-in', 'https://login.example/fhir', '/'])
      expect(named(() => newHostWorld({ signIn }))).toEqual([])
  })
})

describe('a function of a host', () => {
  it.each<readonly [string, (host: ReturnType<typeof newHostWorld>['host']) => Promise<unknown>]>([
    ['launchUrl: the argument `launch` must be an object', ({ launchUrl }) => launchUrl(undefined as never)],
    ['endSession: the argument `user` must be the user', ({ endSession }) => endSession({ sub: 'alice' } as never)]
  ])('names a wrong argument: %s', async (message, call) => {
    await expect(call(newHostWorld().host)).rejects.toThrow(message)
  })
})

describe('an address to return to', () => {
  it.each([[['/auth/apps']], [{}], [undefined], [null], [7]])('is a text: %o', (address) => {
    expect(newHostWorld().host.isReturnAddress(address)).toBe(false)
  })
})

/** The authorization request of a user with a session, and the page after it. */
const toPage = async (options: object) => {
  const browser = newBrowser(newHostWorld(options), alice)
  const first = await browser.get(authorizeAddress())
  return locationOf(first).startsWith('/auth/interaction/') ? browser.get(locationOf(first)) : first
}

describe('a function of the host that gives something else', () => {
  it.each([
    [undefined],
    ['ada'],
    [[null]],
    [[{ id: 1, name: 'Ada' }]],
    [[{ id: 'ada' }]],
    [[{ id: 'ada', name: 'Ada', encounters: 'e1' }]]
  ])('patients: %o', async (patients) => {
    expect((await toPage({ patients: () => patients })).status).toBe(500)
    expect(onConsole()).toContain('the function `patients` gave something else: expected an array of { id, name }')
  })

  it('formFields and pages', async () => {
    expect((await toPage({ formFields: () => undefined })).status).toBe(500)
    expect(onConsole()).toContain('the function `formFields` gave undefined')
    expect((await toPage({ pages: { choosePatient: () => new Response('x') } })).status).toBe(500)
    expect(onConsole()).toContain('pages.choosePatient: expected HTML text or { status, headers, body }')
  })

  it.each([
    ['permittedScopes', { permittedScopes: () => undefined }],
    ['permittedScopes', { permittedScopes: failing }],
    ['clients.find', { clients: { find: failing } }],
    ['clients.find', { clients: { find: () => ({ client_id: 'pub-app' }) } }],
    ['store.load', { store: { load: (): unknown => undefined, swap: (): unknown => 'won' } }],
    ['store.swap', { store: { load: (): unknown => null, swap: (): unknown => true } }]
  ])('%s is named on the console with its reason', async (name, options) => {
    const response = await toPage(options)
    expect([503, 303]).toContain(response.status)
    expect(onConsole()).toMatch(
      new RegExp(
        `the function \`${name.replace('.', '\\.')}\` failed: Error: (?:expected .*; found|the database is down)`
      )
    )
  })
})

describe('a registry without isRegisteredOrigin', () => {
  it('says once that browsers let no page read the responses', async () => {
    const { host } = newHostWorld({ clients: { find: () => null } })
    const headers = { origin: 'https://app.example', 'content-type': 'application/x-www-form-urlencoded' }
    for (let count = 0; count < 2; count++)
      await host.answer({ method: 'POST', path: '/auth/token', query: '', headers, body: '' }, { user: null })
    expect(warned.mock.calls.map(String)).toEqual([expect.stringMatching(/app\.example.*isRegisteredOrigin.*CORS/)])
  })
})
