/**
 * A person with a browser that has cookies and no scripts: follows redirects within the simulator, fills in its forms,
 * and stops where the simulator sends them to an app.
 */
import type { HTMLElement } from 'node-html-parser'
import { parse } from 'node-html-parser'

/** What a person does on the pages that they meet. */
export interface TestUserOptions {
  readonly username?: string
  readonly password?: string
  /** The patient or encounter to choose, by its value in the form. */
  readonly choose?: string
  /** Scopes to untick on the consent page. */
  readonly untick?: ReadonlyArray<string>
  readonly decision?: 'allow' | 'deny'
}

/** A page and where it is. */
export interface Visit {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly document: HTMLElement
}

/** Where a person ended: on a page, or sent to an address outside the simulator's own pages. */
export type End = { readonly _tag: 'Page'; readonly visit: Visit } | { readonly _tag: 'Sent'; readonly to: URL }

/** The form of a page that decides; null if there is none. */
export const decisionForm = ({ document }: Visit): HTMLElement | null =>
  document.querySelectorAll('main form[method=post]').find((form) => form.closest('.party') === null) ?? null

/** The heading of a page; that of a choice without the kind of what is chosen. */
export const headingOf = ({ document }: Visit): string =>
  (document.querySelector('h1')?.text ?? '').replace(/^Choose .*/, 'Choose')

/** A person, new to the simulator. */
export class TestUser {
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>()

  readonly base: string

  constructor(base: string) {
    this.base = base
  }

  /** Requests an address as a browser does: cookies along, redirects followed until they lead to an app. */
  async go(url: string, form?: URLSearchParams): Promise<End> {
    const path = new URL(url).pathname
    const cookies = [...this.#cookies].filter(([, cookie]) => path.startsWith(cookie.path))
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: cookies.map(([name, { value }]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: form })
    })
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie)
    const location = response.headers.get('location')
    if (location === null) {
      const document = parse(await response.text())
      return { _tag: 'Page', visit: { url, status: response.status, headers: response.headers, document } }
    }
    const next = new URL(location, url)
    const isOwnPage =
      next.origin === this.base && /^(?:\/sim\/[^/]+)?\/(?:authorize|ehr|interaction|apps)/.test(next.pathname)
    return isOwnPage ? this.go(next.href) : { _tag: 'Sent', to: next }
  }

  /** What this browser keeps under a name; empty when it keeps nothing. */
  cookie(name: string): string {
    return this.#cookies.get(name)?.value ?? ''
  }

  /** The cookies whose names begin so, as the header field has them. */
  cookiesBelow(prefix: string): string {
    return [...this.#cookies]
      .flatMap(([name, { value }]) => (name.startsWith(prefix) ? [`${name}=${value}`] : []))
      .join('; ')
  }

  #keep(header: string): void {
    const [pair = '', ...attributes] = header.split('; ')
    const name = pair.slice(0, pair.indexOf('='))
    const path = attributes.find((one) => one.startsWith('Path='))?.slice('Path='.length) ?? '/'
    if (attributes.includes('Max-Age=0')) this.#cookies.delete(name)
    else this.#cookies.set(name, { value: pair.slice(name.length + 1), path })
  }

  /** Sends a form with its hidden fields and these. */
  async submit(visit: Visit, form: HTMLElement, fields: ReadonlyArray<readonly [string, string]>): Promise<End> {
    const body = new URLSearchParams()
    for (const input of form.querySelectorAll('input[type=hidden]')) {
      body.append(input.getAttribute('name') ?? '', input.getAttribute('value') ?? '')
    }
    for (const [name, value] of fields) body.append(name, value)
    return this.go(new URL(form.getAttribute('action') ?? '', visit.url).href, body)
  }

  /** Goes on from a page according to one's wishes, until an app or a page without a known form is reached. */
  async pursue(end: End, wishes: TestUserOptions = {}): Promise<End> {
    if (end._tag === 'Sent') return end
    const { visit } = end
    const form = decisionForm(visit)
    const heading = headingOf(visit)
    if (form === null || visit.document.querySelector('[role=alert]') !== null) return end
    switch (heading) {
      case 'Sign in':
        return this.pursue(
          await this.submit(visit, form, [
            ['username', wishes.username ?? 'alice'],
            ['password', wishes.password ?? `${wishes.username ?? 'alice'}-demo`]
          ]),
          wishes
        )
      case 'Choose': {
        const radio = form
          .querySelectorAll('input[type=radio]')
          .find((input) => wishes.choose === undefined || input.getAttribute('value') === wishes.choose)
        return this.pursue(
          await this.submit(visit, form, [
            [radio?.getAttribute('name') ?? 'patient', radio?.getAttribute('value') ?? wishes.choose ?? '']
          ]),
          wishes
        )
      }
      case 'Give access?': {
        const scopes = form
          .querySelectorAll('input[type=checkbox][checked]')
          .map((input) => input.getAttribute('value') ?? '')
        return this.pursue(
          await this.submit(visit, form, [
            ...scopes
              .filter((scope) => wishes.untick?.includes(scope) !== true)
              .map((scope) => ['scope', scope] as const),
            ['decision', wishes.decision ?? 'allow']
          ]),
          wishes
        )
      }
      default:
        return end
    }
  }
}

/** The address that a person was sent to. */
export const sentTo = (end: End): URL => {
  if (end._tag === 'Sent') return end.to
  throw new Error(`still on a page: ${end.visit.document.querySelector('main')?.text ?? ''}`)
}
