/** A shared launch of an app that does not run: the browser gets a page that says so, with ways to go on. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse as parseHtml } from 'node-html-parser'
import { describe, expect, it } from 'vitest'
import { headerOf } from '../../../../src/protocol/http/message.js'
import { encodeSetting } from '../../../../src/simulator/settings/setting.js'
import { limits } from '../../../../src/values/limits/limits.js'
import { handlerOf, root, SettingsBrowser } from '../../../support/simulator/settings-browser.js'

const handler = await handlerOf()
const silent = 'http://127.0.0.1:9/launch'
const settingWith = (launch_uri: string) =>
  ({
    app: { client_id: 'own', launch_uri, redirect_uris: ['http://127.0.0.1:9/callback'], client_name: 'Mine' },
    patient: 'example-1',
    skip: ['sign-in', 'consent'],
    user: 'alice'
  }) as const
const addressOf = (place: string, launchUri = silent): string =>
  `${root}/sim/${encodeSetting(settingWith(launchUri))}/ehr/${place}`

const at = async (url: string, accept = 'text/html') =>
  (await new SettingsBrowser(handler).request(url, undefined, { accept })).response
/** The links of a page, by their words. */
const linksOf = ({ body }: { readonly body: string }): ReadonlyMap<string, string> =>
  new Map(
    parseHtml(body)
      .querySelectorAll('main a')
      .map((link) => [link.text.replaceAll(/\s+/g, ' ').trim(), new URL(link.getAttribute('href') ?? '', root).href])
  )

describe('a shared link to an app that does not run', () => {
  it.each(['launch', 'frame'])('at /ehr/%s says so, and leads back to its form and onward', async (place) => {
    const response = await at(addressOf(place))
    expect(response.body).toContain('Nothing answers at <code><bdi>http://127.0.0.1:9</bdi></code>')
    expect(headerOf(response, 'set-cookie')).toBeUndefined()
    const links = linksOf(response)
    expect(links.get('Try again')).toBe(`${addressOf(place)}?`)
    const panel = parseHtml((await at(links.get('Change the launch link') ?? '')).body)
    const field = (name: string) => panel.querySelector(`[name=${name}]`)
    expect([field('launch_uri')?.getAttribute('value'), field('client_name')?.getAttribute('value')]).toEqual([
      silent,
      'Mine'
    ])
    expect(panel.querySelector('[name=patient][checked]')?.getAttribute('value')).toBe('example-1')
    expect(field('frame')?.hasAttribute('checked')).toBe(place === 'frame')
    const onward = await at(links.get('launch it all the same') ?? '')
    expect(
      place === 'launch'
        ? String(headerOf(onward, 'location')).startsWith(`${silent}?iss=`)
        : onward.body.includes('<iframe')
    ).toBe(true)
  })

  it('launches it for a program, and in the frame around which it was said', async () => {
    for (const response of [
      await at(addressOf('launch'), '*/*'),
      await at(`${addressOf('launch')}?framed=yes`),
      await at(`${addressOf('launch')}?unchecked=yes`)
    ])
      expect(String(headerOf(response, 'location'))).toContain(`${silent}?iss=`)
    expect((await at(`${addressOf('launch')}?unchecked=yes&unchecked=no`)).status).toBe(400)
  })

  it('is contacted no more often at once than keys are fetched, however many browsers open the link', async () => {
    const counted = { now: 0, most: 0 }
    const app = createServer((_request, response) => {
      counted.now += 1
      counted.most = Math.max(counted.most, counted.now)
      setTimeout(() => {
        counted.now -= 1
        response.end()
      }, 20)
    })
    await new Promise((resolve) =>
      app.listen(0, '127.0.0.1', () => {
        resolve(null)
      })
    )
    try {
      const launchUri = `http://127.0.0.1:${String((app.address() as AddressInfo).port)}/launch`
      await Promise.all(Array.from({ length: 24 }, () => at(addressOf('frame', launchUri))))
      expect(counted.most).toBeLessThanOrEqual(limits.keyRequestsPerHost.default)
      expect(counted.most).toBeGreaterThan(1)
    } finally {
      app.close()
    }
  })

  it('launches it as soon as it runs', async () => {
    const app = createServer((_request, response) => response.end())
    await new Promise((resolve) =>
      app.listen(0, '127.0.0.1', () => {
        resolve(null)
      })
    )
    const launchUri = `http://127.0.0.1:${String((app.address() as AddressInfo).port)}/launch`
    const [launched, framed] = [await at(addressOf('launch', launchUri)), await at(addressOf('frame', launchUri))]
    app.close()
    expect([launched.status, framed.body.includes('<iframe')]).toEqual([303, true])
  })

  it('has, on the page of the link, an address that launches it all the same', async () => {
    const query = new URLSearchParams({
      app: '*',
      launch_uri: silent,
      redirect_uris: 'http://127.0.0.1:9/callback',
      client_id: 'own',
      user: 'alice',
      go: 'launch'
    })
    const anyway = linksOf(await at(`${root}/ehr/link?${query.toString()}`)).get('launch it all the same') ?? ''
    expect(String(headerOf(await at(anyway), 'location'))).toContain(`${silent}?iss=`)
  })
})
