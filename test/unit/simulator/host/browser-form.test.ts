import { describe, expect, it } from 'vitest'
import type { PlainResponse } from '../../../../src/protocol/http/message.js'
import { headerOf } from '../../../../src/protocol/http/message.js'
import { handlerOf } from '../../../support/simulator/settings-browser.js'

const cookieIn = (response: PlainResponse): string =>
  ([headerOf(response, 'set-cookie') ?? []].flat()[0] ?? '').replace(/;.*/, '')

const tokenIn = ({ body }: PlainResponse): string => /name="form_token" value="([^"]*)"/.exec(body)?.[1] ?? ''

describe('forms of one browser', () => {
  it('two tabs that open at once can both sign in, and a form of neither cannot', async () => {
    const answer = await handlerOf()
    const page = async (cookie = '') =>
      answer({ method: 'GET', path: '/ehr/sign-in', query: '', headers: { accept: 'text/html', cookie }, body: '' })()
    const sent = async (form_token: string, cookie: string): Promise<number> => {
      const { status } = await answer({
        method: 'POST',
        path: '/ehr/sign-in',
        query: '',
        headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ form_token, return_to: '', username: 'alice', password: 'alice-demo' }).toString()
      })()
      return status
    }
    const tabs = [await page(), await page()]
    const stranger = await page()
    const cookies = tabs.map(cookieIn)
    const names = cookies.map((cookie) => cookie.split('=')[0])
    expect(names[0]).not.toBe(names[1])
    const together = cookies.join('; ')
    for (const tab of tabs) expect(await sent(tokenIn(tab), together)).toBe(303)
    expect(await sent(tokenIn(stranger), together)).toBe(403)
    expect(await sent(tokenIn(tabs[0] as PlainResponse), '')).toBe(403)
    // A browser that has a cookie gets no other.
    expect(cookieIn(await page(together))).toBe('')
  })
})
