/**
 * The program of docs/apps/native.md, as it stands there, with a system browser that goes through the pages of the
 * simulator, of `oidc-provider` and of a server that errs.
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchVariants } from '../../support/app/error-variants.js'
import { signIn, startForeignServer } from '../../support/app/foreign-server.js'
import { startMockServer } from '../../support/app/mock-server.js'
import type { RunningProgram } from '../../support/app/recipe.js'
import { bundled, programOf, registrationOf, runProgram } from '../../support/app/recipe.js'
import { TestUser, sentTo } from '../../support/simulator/person.js'
import { startSimulator } from '../../support/simulator/simulator-process.js'

const page = 'docs/apps/native.md'
const folder = mkdtempSync(join(tmpdir(), 'recipe-native-'))
const opened = join(folder, 'opened')

beforeAll(() => {
  // The commands that open the system's browser: they write the address down.
  for (const command of ['xdg-open', 'open']) {
    const file = join(folder, command)
    writeFileSync(file, `#!/bin/sh\nprintf %s "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`)
    chmodSync(file, 0o755)
  }
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Starts the program; gives it and the address that it opened. */
const start = async (
  fhirBaseUrl: string,
  origins: ReadonlyArray<string> = []
): Promise<{ readonly program: RunningProgram; readonly address: string }> => {
  const code = programOf(page, 'openBrowser', {
    'http://127.0.0.1:4010/fhir': fhirBaseUrl,
    "clientId: 'my-native-app',": `clientId: 'my-native-app', authorizationOrigins: ${JSON.stringify(origins)},`
  })
  const file = join(folder, 'app.mjs')
  writeFileSync(file, await bundled(code, 'node'))
  rmSync(opened, { force: true })
  const program = runProgram(file, folder, { PATH: `${folder}:${process.env['PATH'] ?? ''}` })
  for (let tries = 0; tries < 200 && !existsSync(opened); tries++)
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  if (!existsSync(opened)) throw new Error(program.printed())
  return { program, address: readFileSync(opened, 'utf8') }
}

it('launches at the simulator, at a port that the system chose; others on the machine do not end it', async () => {
  const config = join(folder, 'config.json')
  writeFileSync(config, JSON.stringify({ clients: [registrationOf(page)] }))
  const simulator = await startSimulator(['--config', config])
  try {
    const { address, program } = await start(`${simulator.base}/fhir`)
    const query = new URL(address).searchParams
    expect([query.get('code_challenge_method'), query.has('client_secret')]).toEqual(['S256', false])
    const redirectUri = query.get('redirect_uri') ?? ''
    expect(redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    for (const foreign of [`?code=c&state=${'s'.repeat(43)}`, '?code=c', ''])
      expect((await fetch(`${redirectUri}${foreign}`)).status).toBe(400)
    const person = new TestUser(simulator.base)
    const back = sentTo(await person.pursue(await person.go(address), { choose: 'example-1' }))
    expect(await (await fetch(back)).text()).toBe('You can close this window.')
    expect([await program.ended, program.printed()]).toEqual([0, expect.stringContaining('"id":"example-1"')])
  } finally {
    await simulator.stop()
  }
})

it('ends with the reason when the user says no', async () => {
  const config = join(folder, 'config.json')
  writeFileSync(config, JSON.stringify({ clients: [registrationOf(page)] }))
  const simulator = await startSimulator(['--config', config])
  try {
    const { address, program } = await start(`${simulator.base}/fhir`)
    const person = new TestUser(simulator.base)
    const back = sentTo(await person.pursue(await person.go(address), { choose: 'example-1', decision: 'deny' }))
    await fetch(back)
    expect([await program.ended, program.printed()]).toEqual([1, expect.stringContaining('AuthorizationRefused')])
  } finally {
    await simulator.stop()
  }
})

it('launches at oidc-provider', async () => {
  const { launch_uris: _launchUris, scope: _scope, ...registration } = registrationOf(page)
  const foreign = await startForeignServer([{ ...registration, response_types: ['code'] }])
  try {
    const { address, program } = await start(foreign.fhirBaseUrl, [foreign.issuer])
    await fetch(await signIn(foreign.issuer, address, 'alice'))
    expect([await program.ended, program.printed()]).toEqual([0, expect.stringContaining('"id":"example-1"')])
  } finally {
    foreign.stop()
  }
})

it.each([
  'access_denied',
  '400 invalid_grant',
  '429',
  'a patient as a number',
  'no nonce',
  'an id_token with another signature',
  'a new key'
])('at oauth2-mock-server: %s', async (title) => {
  const variant = launchVariants.find((one) => one.title === title)
  if (variant === undefined) throw new Error(title)
  const mock = await startMockServer('launch/patient openid fhirUser patient/*.rs')
  try {
    const { address, program } = await start(mock.fhirBaseUrl, [mock.issuer])
    await mock.misbehave(variant.how)
    const sent = await fetch(address, { redirect: 'manual' })
    await fetch(sent.headers.get('location') ?? '')
    const { failure, setting } = variant
    expect([await program.ended, program.printed()]).toEqual([
      failure === null ? 0 : 1,
      expect.stringContaining(failure === null ? '"id":"example-1"' : `${failure}: `)
    ])
    if (setting !== undefined) expect(program.printed()).toContain(`\`${setting}\``)
  } finally {
    await mock.stop()
  }
})
