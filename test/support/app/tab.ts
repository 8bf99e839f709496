/** A tab of a browser, as far as the adapter uses one: its pages and frames share one storage. */
import type { BrowserWindow } from '../../../src/adapters/browser.js'

/** A page in a tab. */
export interface TabPage {
  readonly window: BrowserWindow
  /** Where it went. */
  readonly went: Array<string>
}

/** What a page has. */
export interface PageOptions {
  /** The state of its entry of the history, as after loading it again. */
  readonly state?: unknown
  /** The name of its frame; a page without one is the whole tab. */
  readonly frame?: string
  readonly isSecureContext?: boolean
}

export const newTab = (): {
  readonly texts: Map<string, string>
  readonly load: (href: string, options?: PageOptions) => TabPage
} => {
  const texts = new Map<string, string>()
  return {
    texts,
    load: (address, { frame, isSecureContext = true, state: given = null } = {}) => {
      const went: Array<string> = []
      let [href, state] = [address, given]
      const window: BrowserWindow = {
        sessionStorage: {
          getItem: (key) => texts.get(key) ?? null,
          setItem: (key, text) => {
            texts.set(key, text)
          },
          removeItem: (key) => {
            texts.delete(key)
          }
        },
        location: {
          get href() {
            return href
          },
          get search() {
            return new URL(href).search
          },
          get pathname() {
            return new URL(href).pathname
          },
          assign: (url) => {
            went.push(url)
          }
        },
        history: {
          get state() {
            return state
          },
          replaceState: (data, _unused, url) => {
            state = data
            href = new URL(url, href).href
          }
        },
        document: { createElement: () => ({}), body: { append: () => undefined } },
        isSecureContext,
        ...(frame === undefined ? {} : { name: frame, parent: {} })
      }
      return { window, went }
    }
  }
}
