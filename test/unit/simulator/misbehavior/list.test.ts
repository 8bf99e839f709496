/** The list of misbehaviors: its page for people, and the errors of the public launcher that it covers. */
import { readFileSync } from 'node:fs'
import { parse as parseHtml } from 'node-html-parser'
import { beforeAll, describe, expect, it } from 'vitest'
import { misbehaviorGroups, misbehaviors } from '../../../../src/simulator/misbehavior/table.js'
import { requestTo, simulatorHere } from '../../../support/simulator/in-process.js'

const world = { page: parseHtml(''), panel: parseHtml('') }

beforeAll(async () => {
  const answer = await simulatorHere()
  world.page = parseHtml((await answer(requestTo('GET', '/misbehaviors'))()).body)
  world.panel = parseHtml((await answer(requestTo('GET', '/'))()).body)
})

describe('the page', () => {
  it('links to each step, and each step has its misbehaviors, which can be opened', () => {
    const { page } = world
    const links = page.querySelectorAll('#steps a')
    expect(links.map(({ text }) => text)).toEqual(
      misbehaviorGroups.map(({ rows, title }) => `${title} (${String(rows.length)})`)
    )
    const groups = links.map((link) => page.querySelector(link.getAttribute('href') ?? '')?.closest('section'))
    expect(groups.map((group) => group?.querySelectorAll('details').map((row) => row.getAttribute('id')))).toEqual(
      misbehaviorGroups.map(({ rows }) => rows.map(({ name }) => name))
    )
    for (const group of groups) expect(group?.querySelector('a[href="#steps"]')).not.toBeNull()
  })

  it.each(misbehaviors)('has one row with words, sources and links: $name', ({ does, expected, name, sources }) => {
    const row = world.page.querySelector(`details[id=${name}]`)
    const text = (row?.text ?? '').replaceAll(/\s+/g, ' ')
    expect((row?.querySelector('summary')?.text ?? '').replaceAll(/\s+/g, ' ')).toContain(does.replaceAll('`', ''))
    expect(text).toContain(expected.replaceAll('`', ''))
    for (const source of sources) expect(text).toContain(source)
    expect(row?.querySelector('a.button')?.getAttribute('href')).toMatch(new RegExp(`[?&]misbehavior=${name}$`))
  })
})

describe('the choice on the launch page', () => {
  it('is in the groups of the list, and says what each misbehavior does', () => {
    const groups = world.panel.querySelectorAll('select[name=misbehavior] optgroup').map((group) => ({
      title: group.getAttribute('label'),
      options: group.querySelectorAll('option').map(({ text }) => text)
    }))
    expect(groups).toEqual(
      misbehaviorGroups.map(({ rows, title }) => ({
        title,
        options: rows.map(({ does, name }) => `${name}: ${does.replaceAll('`', '')}`)
      }))
    )
  })
})

/** The simulated errors of the public launcher: the type SimulatedError of its repository. */
const publicErrors = [
  'auth_invalid_client_id',
  'auth_invalid_redirect_uri',
  'auth_invalid_scope',
  'auth_invalid_client_secret',
  'token_invalid_token',
  'token_expired_refresh_token',
  'token_expired_registration_token',
  'token_invalid_scope',
  'token_invalid_jti',
  'request_invalid_token',
  'request_expired_token'
]

describe('the errors of the public launcher', () => {
  it('each have a misbehavior that exists', () => {
    const page = readFileSync('docs/simulator.md', 'utf8')
    const rows = [...page.matchAll(/^\| `((?:auth|token|request)_\w+)` \| `([\w-]+)`/gm)]
    expect(rows.map(([, error]) => error)).toEqual(publicErrors)
    const names = new Set(misbehaviors.map(({ name }) => name))
    expect(rows.flatMap(([, , name = '']) => (names.has(name) ? [] : [name]))).toEqual([])
  })
})
