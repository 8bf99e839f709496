/** `smart-app-launch check`: the report about a server's readiness, and the measure of all vendors. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import type { Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { runCommand, startSimulator } from '../support/simulator/simulator-process.js'
import { soundDocuments } from '../support/app/observed-server.js'
import { vendorHosts } from '../support/app/served-vendor.js'
import type { VendorDocuments } from '../support/app/vendor-server.js'
import {
  failureAtVendor,
  issuerKey,
  vendorDocuments,
  vendorEntry,
  vendorScope,
  vendorSecret
} from '../support/app/vendor-server.js'
import { mayLook } from '../../src/cli/check/look.js'
import { checkCommand } from '../../src/cli/check/command.js'
import type { ExitCode } from '../../src/cli/terminal.js'
import type { AppAuthentication, TrustedServer } from '../../src/protocol/app/trusted-server.js'
import type { Finding } from '../../src/protocol/discovery/smart-configuration-check.js'

let simulator: RunningSimulator
let odd: Server
let base = ''

interface Hostile {
  readonly smart?: object
  readonly metadata?: string
  readonly keys?: object
  /** Null when there is no such document. */
  readonly openid?: object | null
  readonly cors?: string
}

/** How the server of the kind `ready` answers. */
const ehr: { answers: Hostile; origins: ReadonlyArray<string | undefined> } = { answers: {}, origins: [] }

/** A sound EHR, but for what a test has it answer. */
const answerAsEhr = (method: string, url: string, response: ServerResponse): void => {
  const home = `${base}/ready`
  const { cors = '*', keys, metadata, openid, smart } = ehr.answers
  response.setHeader('access-control-allow-origin', cors)
  response.setHeader('access-control-allow-headers', 'authorization')
  const send = (document: object): void => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document))
  }
  const jwks = { jwks_uri: `${home}/keys`, token_endpoint: `${home}/token` }
  if (method === 'OPTIONS') response.writeHead(204).end()
  else if (url.endsWith('smart-configuration')) {
    const sound = { ...soundDocuments.smart, issuer: home, ...jwks, authorization_endpoint: `${home}/authorize` }
    send({ ...sound, ...smart })
  } else if (url.endsWith('openid-configuration') && openid !== null)
    send({ ...soundDocuments.openid, issuer: home, ...jwks, ...openid })
  else if (url.endsWith('/keys')) send(keys ?? soundDocuments.keys)
  else if (url.endsWith('/metadata'))
    response.writeHead(200, { 'content-type': 'application/fhir+json' }).end(metadata ?? '{}')
  else response.writeHead(404).end()
}

interface Report {
  readonly launch: 'yes' | 'yesWithSettings' | 'no'
  readonly obstacle: string | null
  readonly entry: TrustedServer | null
  readonly settings: ReadonlyArray<{ readonly setting: string; readonly because: string; readonly risk: string }>
  readonly findings: ReadonlyArray<Finding>
  readonly withoutIdentity: { readonly entry: TrustedServer } | null
  readonly notLookedAt: ReadonlyArray<string>
}

const fileOf = (content: unknown): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'check-')), 'settings.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

/** The report of the command, in this process. */
const reportOf = async (target: string, app: string): Promise<Report & { readonly code: ExitCode }> => {
  const printed: Array<string> = []
  const terminal = {
    stdout: (text: string) => {
      printed.push(text)
    },
    stderr: (text: string) => {
      throw new Error(text)
    }
  }
  const code = await checkCommand({ target, specVersion: undefined, for: app, json: true }, terminal)
  return { ...(JSON.parse(printed.join('')) as Report), code }
}

const rulesFound = ({ findings }: Report): ReadonlyArray<string> => findings.map(({ rule }) => rule)

const appSettings = {
  clientId: 'app',
  authentication: [{ method: 'client_secret_basic' }],
  redirectUri: 'https://app.example/callback',
  scope: 'openid fhirUser launch/patient patient/*.rs'
}

beforeAll(async () => {
  simulator = await startSimulator()
  odd = createServer((request, response) => {
    switch (request.url?.split('/')[1] ?? '') {
      case 'ready':
        answerAsEhr(request.method ?? '', request.url ?? '', response)
        return
      case 'html':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
        return
      case 'typed':
        response.writeHead(200, { 'content-type': 'text/plain' }).end('{}')
        return
      case 'loop':
        response.writeHead(302, { location: request.url ?? '' }).end()
        return
      case 'elsewhere':
        response.writeHead(302, { location: 'https://evil.example/x' }).end()
        return
      case 'large':
        response.writeHead(200, { 'content-type': 'application/json' }).end(`"${'x'.repeat(10_000_000)}"`)
        return
      default:
        response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => {
    odd.listen(0, '127.0.0.1', resolve)
  })
  base = `http://127.0.0.1:${String((odd.address() as AddressInfo).port)}`
})
afterAll(async () => {
  await simulator.stop()
  odd.closeAllConnections()
  odd.close()
})

describe('smart-app-launch check', () => {
  it.each(['2.0.0', '2.1.0', '2.2.0'])('finds no error in the simulator by %s', async (version) => {
    const { code, out } = await runCommand(['check', `${simulator.base}/fhir`, '--spec-version', version])
    expect([code, /0 errors/.test(out)]).toEqual([0, true])
  })

  it('finds what is wrong in a file, in words and as JSON', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'check-')), 'smart.json')
    writeFileSync(file, '{"token_endpoint":"token","capabilities":[]}')
    const words = await runCommand(['check', file])
    expect([words.code, words.out]).toEqual([
      1,
      expect.stringContaining('DIS-045  /authorization_endpoint: authorization_endpoint is missing') as unknown
    ])
    const json = await runCommand(['check', file, '--json'])
    expect(
      (JSON.parse(json.out) as { findings: ReadonlyArray<{ requirement: string }> }).findings.map(
        ({ requirement }) => requirement
      )
    ).toContain('DIS-046')
  })

  it.each([
    [['check'], 'check: expected one FHIR base URL or file; see smart-app-launch --help'],
    [['check', 'a', 'b'], 'check: expected one FHIR base URL or file; see smart-app-launch --help'],
    [
      ['check', 'x', '--for', 'fun'],
      'check: --for: expected launch, backend or a settings file; fun: cannot be read (ENOENT)'
    ],
    [
      ['check', 'x', '--spec-version', '3'],
      'check: --spec-version: expected 2.0.0, 2.1.0 or 2.2.0, found "3"; see smart-app-launch --help'
    ],
    [
      ['check', 'ftp://ehr.example/fhir'],
      'check: ftp://ehr.example/fhir: expected an absolute http or https address, or a file'
    ],
    [['check', '/no/such/file'], 'check: /no/such/file: cannot be read (ENOENT)'],
    [
      ['check', 'http://127.0.0.1:1/fhir'],
      'check: http://127.0.0.1:1/fhir/.well-known/smart-configuration cannot be fetched (bad port)'
    ]
  ])('%j ends with 2 and one line', async (args, line) => {
    const { code, err } = await runCommand(args)
    expect([code, err.trimEnd().split('\n').length]).toEqual([2, 1])
    expect(err.trimEnd()).toBe(line)
  })

  it.each([
    ['html', 'is not JSON'],
    ['loop', 'cannot be fetched'],
    ['elsewhere', 'redirected to https://evil.example/x'],
    ['large', 'more than 1048576 bytes'],
    ['none', 'status 404']
  ])('says in one line that a server of the kind %s cannot be checked', async (kind, expected) => {
    const { code, err } = await runCommand(['check', `${base}/${kind}`])
    expect([code, err.trimEnd().split('\n').length]).toEqual([2, 1])
    expect(err).toContain(expected)
  })

  it('minds the type of the answer', async () => {
    const { code, out } = await runCommand(['check', `${base}/typed`])
    expect([code, out]).toEqual([1, expect.stringContaining('DIS-040') as unknown])
  })
})

const withSecret = (one: AppAuthentication): AppAuthentication =>
  'clientSecret' in one ? { ...one, clientSecret: vendorSecret } : one

/** The settings file of an app at a vendor: what no document shows is known from the vendor's manual. */
const settingsAt = (vendor: VendorDocuments): object => ({
  ...vendorEntry(vendor),
  authentication: vendorEntry(vendor).authentication.map(({ method }) => ({ method })),
  scope: vendorScope(vendor),
  purpose: vendor.purpose ?? 'launch'
})

describe('the readiness report', () => {
  it('gives an entry with which an app launches, for every vendor', async () => {
    const hosts = await vendorHosts()
    const opened: Array<string> = []
    try {
      for (const published of vendorDocuments) {
        const vendor = hosts.serve(published)
        const report = await reportOf(vendor.fhirBaseUrl, fileOf(settingsAt(vendor)))
        const { entry, settings } = report
        if (entry === null) throw new Error(`${vendor.vendor}: ${report.obstacle ?? ''}`)
        const known = Object.keys(vendor.known ?? {}).map((name) => `tolerances.${name}`)
        const seen = vendor.redirects === true ? ['tolerances.discoveryRedirects'] : []
        expect(settings.map(({ setting }) => setting).toSorted(), vendor.vendor).toEqual(
          [...new Set([...vendor.settings, ...known, ...seen])].toSorted()
        )
        for (const { because, risk } of settings) {
          expect(because).not.toBe('')
          expect(risk).toMatch(/^[A-Z].*\.$/)
        }
        const complete = { ...entry, authentication: entry.authentication.map(withSecret) }
        expect(await failureAtVendor(complete, vendor), vendor.vendor).toBeNull()
        opened.push(vendor.vendor)
      }
    } finally {
      hosts.stop()
    }
    console.log(`${String(opened.length)} vendors, each opened with the entry that check prints`)
    expect(opened).toHaveLength(vendorDocuments.length)
    expect(opened.length).toBeGreaterThan(20)
  })

  it('finds nothing but information at a sound server, for an app in a page too', async () => {
    ehr.answers = { metadata: JSON.stringify({ ...soundDocuments.metadata, rest: [] }) }
    for (const browser of [false, true]) {
      const settings = { ...appSettings, authentication: [{ method: 'none' }], browser }
      const report = await reportOf(`${base}/ready/fhir`, fileOf(settings))
      expect([report.code, report.launch, report.settings, report.notLookedAt]).toEqual([0, 'yes', [], []])
      expect(report.findings.filter(({ severity }) => severity !== 'info')).toEqual([])
    }
  })

  it('says why an app in a page cannot launch without CORS, and one on a server can', async () => {
    ehr.answers = { cors: 'https://other.example' }
    const page = await reportOf(`${base}/ready/fhir`, fileOf({ ...appSettings, browser: true }))
    expect([page.code, page.launch, page.entry]).toEqual([1, 'no', null])
    expect(page.obstacle).toMatch(/web page of https:\/\/app\.example.*smart-configuration.*CORS/)
    const server = await reportOf(`${base}/ready/fhir`, fileOf(appSettings))
    expect([server.code, server.launch]).toEqual([0, 'yes'])
    expect(rulesFound(server)).toEqual(expect.arrayContaining(['configuration-permits-pages', 'keys-permit-pages']))
  })

  it('names the way without keys if they cannot be used, and the leak of a private key', async () => {
    ehr.answers = { keys: { keys: [{ ...issuerKey.jwk, d: 'AQAB' }] } }
    const report = await reportOf(`${base}/ready/fhir`, fileOf(appSettings))
    expect([report.code, report.launch]).toEqual([1, 'yesWithSettings'])
    expect(report.entry?.tolerances).toEqual({ tlsInsteadOfSignature: true })
    expect(rulesFound(report)).toEqual(expect.arrayContaining(['keys-are-public', 'keys-are-usable']))
  })

  it('refuses a signing key whose algorithm the server does not list', async () => {
    ehr.answers = {
      smart: {
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
        token_endpoint_auth_signing_alg_values_supported: ['RS384']
      }
    }
    const settings = { ...appSettings, authentication: [{ method: 'private_key_jwt' }], signingAlgorithms: ['ES384'] }
    const report = await reportOf(`${base}/ready/fhir`, fileOf(settings))
    expect([report.code, report.launch]).toEqual([1, 'no'])
    expect(report.obstacle).toContain('AlgorithmNotOffered (own: ES384; offered: RS384)')
  })

  it('says what an app can do without an identity that the server cannot give', async () => {
    ehr.answers = { openid: null, smart: { issuer: undefined, jwks_uri: undefined } }
    const report = await reportOf(`${base}/ready/fhir`, fileOf(appSettings))
    expect([report.code, report.launch]).toEqual([1, 'no'])
    expect(report.obstacle).toContain('IssuerMissing')
    expect(report.withoutIdentity?.entry.clientId).toBe('app')
  })

  it('goes on without a document that is too large, and requests nothing without TLS', async () => {
    const jwks_uri = 'http://10.0.0.1/keys'
    ehr.answers = { metadata: `"${'x'.repeat(2 ** 20)}"`, openid: { jwks_uri } }
    const report = await reportOf(`${base}/ready/fhir`, 'launch')
    const [large] = report.findings.filter(({ rule }) => rule === 'metadata-readable')
    expect(large?.message).toBe('it could not be read: more than 1048576 bytes')
    expect(report.notLookedAt).toEqual(['key set'])
  })

  it('prints no control character and no secret', async () => {
    ehr.answers = {
      smart: { scopes_supported: ['user/\u001b[31mX.create'], authorization_endpoint: 'https://x\u202e' }
    }
    const file = fileOf({ ...appSettings, authentication: [{ method: 'client_secret_basic', clientSecret: 'S3cret' }] })
    for (const more of [[], ['--json']]) {
      const { err, out } = await runCommand(['check', `${base}/ready/fhir`, '--for', file, ...more])
      expect(err).toBe('')
      expect(out).not.toMatch(/[^\n\x20-\x7e]/)
      expect(out).not.toContain('S3cret')
    }
  })

  it('has an entry without the secret', async () => {
    ehr.answers = {}
    const file = fileOf({ ...appSettings, authentication: [{ method: 'client_secret_basic', clientSecret: 'S3cret' }] })
    const { entry } = await reportOf(`${base}/ready/fhir`, file)
    expect(entry?.authentication).toEqual([{ method: 'client_secret_basic', clientSecret: 'from your vault' }])
  })

  it('ends with the answer, the settings and the entry, in words', async () => {
    ehr.answers = { smart: { code_challenge_methods_supported: undefined } }
    const { code, out } = await runCommand(['check', `${base}/ready/fhir`, '--for', fileOf(appSettings)])
    expect(code).toBe(1)
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'app.md'), 'utf8')
    const [, quoted] = /## Is this server ready for my app\?[^]*?```text\n([^]*?)```/.exec(page) ?? []
    expect(out.slice(out.indexOf('Can the app')).replaceAll(`${base}/ready/fhir`, 'https://ehr.example/fhir')).toBe(
      quoted
    )
    const [, settings = ''] = /## Is this server ready for my app\?[^]*?```json\n([^]*?)```/.exec(page) ?? []
    expect(JSON.parse(settings)).toEqual(appSettings)
  })

  it('says what is not looked at when the document is a file', async () => {
    const { code, out } = await runCommand(['check', fileOf(soundDocuments.smart)])
    expect(code).toBe(0)
    expect(out).toContain('Not looked at: openid-configuration, key set, capability statement')
  })
})

describe('a settings file', () => {
  it('of a backend service needs no authentication, because there is one', async () => {
    const settings = { purpose: 'backend', clientId: 'service', scope: 'system/*.rs' }
    const smart = {
      ...soundDocuments.smart,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['ES384', 'RS384']
    }
    const { entry } = await reportOf(fileOf(smart), fileOf(settings))
    expect(entry?.authentication).toEqual([{ method: 'private_key_jwt' }])
  })

  it.each<readonly [string, unknown, string]>([
    ['text that is no JSON', '{', 'expected JSON'],
    ['no object', [], 'expected a JSON object with the settings of the app'],
    ['a mistyped member', { ...appSettings, clientID: 'x' }, 'clientID: expected a known option, probably `clientId`'],
    ['no client id', { ...appSettings, clientId: undefined }, 'clientId: expected a text that is not empty'],
    [
      'an unknown method',
      { ...appSettings, authentication: [{ method: 'S3cret' }] },
      'authentication: expected a list of { "method": … }'
    ],
    [
      'a secret of a backend service',
      { ...appSettings, purpose: 'backend', scope: 'system/*.rs' },
      'authentication: expected [{ "method": "private_key_jwt" }] or nothing, because a backend service signs'
    ],
    ['a malformed scope', { ...appSettings, scope: 'patient/*.rx' }, 'scope: expected well-formed scopes'],
    [
      'a mistyped tolerance',
      { ...appSettings, tolerances: { pkceNotListd: true } },
      'tolerances.pkceNotListd: expected a known option, probably `tolerances.pkceNotListed`'
    ],
    [
      'a tolerance of another form',
      { ...appSettings, tolerances: { issuerAliases: 'x' } },
      'tolerances.issuerAliases: expected such as [\'https://login.ehr.example/other-name\'], found the text "x"'
    ],
    [
      'no redirect URI',
      { ...appSettings, redirectUri: undefined },
      'redirectUri: expected the redirect URI of the app'
    ],
    ['an issuer by http', { ...appSettings, issuer: 'http://a.example' }, 'issuer: expected an https address'],
    [
      'another server',
      { ...appSettings, fhirBaseUrl: 'https://other.example/fhir' },
      'fhirBaseUrl: expected the checked server'
    ]
  ])('with %s ends with 2 and one line that names the place', async (_what, content, expected) => {
    ehr.answers = {}
    const file = fileOf(content)
    const err: Array<string> = []
    const terminal = {
      stdout: (text: string) => {
        throw new Error(text)
      },
      stderr: (line: string) => {
        err.push(line)
      }
    }
    const options = { target: `${base}/ready/fhir`, specVersion: undefined, for: file, json: false }
    expect(await checkCommand(options, terminal)).toBe(2)
    expect([err.length, err.join('').includes('\n')]).toEqual([1, false])
    expect(err[0]).toContain(expected)
    expect(err[0]).toContain('settings.json: ')
    expect(err[0]).not.toContain('S3cret')
  })
})

describe('an address in a document', () => {
  it.each([
    ['https://ehr.example/keys', 'https://ehr.example/fhir', true],
    ['http://ehr.example/keys', 'https://ehr.example/fhir', false],
    ['http://127.0.0.1:8080/keys', 'https://ehr.example/fhir', false],
    ['http://localhost/keys', 'http://ehr.example/fhir', false],
    ['http://localhost/keys', 'http://127.0.0.1:4010/fhir', true],
    ['file:///etc/passwd', 'http://127.0.0.1:4010/fhir', false],
    ['https://a@ehr.example/keys', 'https://ehr.example/fhir', false]
  ])('%s of the server %s is requested: %s', (url, fhirBaseUrl, expected) => {
    expect(mayLook(url, fhirBaseUrl)).toBe(expected)
  })
})
