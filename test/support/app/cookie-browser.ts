/** A browser that keeps the cookies of an app on a server. */

/** What the browser received. */
export interface Received {
  readonly status: number
  readonly body: string
  readonly url: string
  /** The address that leads away from the app; null on a page of the app. */
  readonly away: string | null
}

/** Follows redirects within the app; gives its last page, or the address that leads away from it. */
export const browserAt = (home: string): ((address: string) => Promise<Received>) => {
  const cookies = new Map<string, string>()
  return async (address) => {
    for (let url = address; ;) {
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
      })
      for (const cookie of response.headers.getSetCookie())
        cookies.set(...(cookie.slice(0, cookie.indexOf(';')).split('=') as [string, string]))
      const location = response.headers.get('location')
      if (location === null) return { status: response.status, body: await response.text(), url, away: null }
      url = new URL(location, url).href
      if (!url.startsWith(home)) return { status: response.status, body: '', url, away: url }
    }
  }
}
