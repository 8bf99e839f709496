/**
 * The script of the page of the scope playground. It is bundled for browsers by the build.
 *
 * @module
 */
import { playgroundAnswer } from './answer.js'
import { orderIn } from './order.js'
import type { Question } from './question.js'
import { fragmentOf, readFragment } from './question.js'
import { comparisonOf, doubtList, faultList, markedText, meaningOf, orderPicture } from './view.js'
import type { Html } from '../host/html.js'

/** The part of an element that is used. */
interface PageElement {
  innerHTML: string
  textContent: string | null
  value: string
  checked: boolean
  scrollTop: number
  readonly addEventListener: (event: string, listener: () => void) => void
}

/** The part of the browser's window that is used. */
interface PageWindow {
  readonly document: { readonly getElementById: (id: string) => PageElement | null }
  readonly location: { readonly href: string; readonly hash: string }
  readonly history: { readonly replaceState: (data: unknown, unused: string, url: string) => void }
  readonly navigator: { readonly clipboard?: { readonly writeText: (text: string) => Promise<void> } }
  readonly addEventListener: (event: string, listener: () => void) => void
}

const begin = ({ document, location, history, navigator, addEventListener }: PageWindow): void => {
  const on = (id: string, use: (element: PageElement) => void): void => {
    const element = document.getElementById(id)
    if (element !== null) use(element)
  }
  const fill = (id: string, content: Html): void => {
    on(id, (element) => {
      element.innerHTML = content.html
    })
  }
  const question = (): Question => {
    const read = { requested: '', granted: '', userIncludesPatient: false }
    on('requested', ({ value }) => (read.requested = value))
    on('granted', ({ value }) => (read.granted = value))
    on('levels', ({ checked }) => (read.userIncludesPatient = checked))
    return read
  }
  const show = (): void => {
    const shown = question()
    const answer = playgroundAnswer(shown)
    for (const side of ['requested', 'granted'] as const) {
      fill(`${side}-marks`, markedText(shown[side], answer[side].faults))
      fill(`${side}-faults`, {
        html: `${faultList(answer[side].faults).html}${doubtList(answer[side].doubts).html}`
      })
      fill(`${side}-meaning`, meaningOf(answer[side]))
    }
    fill('comparison', comparisonOf(answer))
    fill('order', orderPicture(orderIn(shown, answer)))
  }
  const keep = (): void => {
    const fragment = fragmentOf(question())
    history.replaceState(null, '', `${location.href.replace(/#.*$/s, '')}${fragment === '' ? '' : `#${fragment}`}`)
    show()
  }
  const load = (): void => {
    const { requested, granted, userIncludesPatient } = readFragment(location.hash)
    on('requested', (element) => (element.value = requested))
    on('granted', (element) => (element.value = granted))
    on('levels', (element) => (element.checked = userIncludesPatient))
    show()
  }
  for (const id of ['requested', 'granted', 'levels'])
    on(id, (element) => {
      element.addEventListener('input', keep)
    })
  for (const side of ['requested', 'granted']) {
    on(side, (text) => {
      text.addEventListener('scroll', () => {
        on(`${side}-marks`, (marks) => (marks.scrollTop = text.scrollTop))
      })
    })
  }
  const say = (words: string): void => {
    on('copied', (element) => (element.textContent = words))
  }
  on('copy', (button) => {
    button.addEventListener('click', () => {
      const copied = navigator.clipboard?.writeText(location.href) ?? Promise.reject(new Error('no clipboard'))
      copied.then(
        () => {
          say('The link is copied.')
        },
        () => {
          say('The browser did not copy it. The link is the address of this page.')
        }
      )
    })
  })
  addEventListener('hashchange', load)
  load()
}

begin(globalThis as unknown as PageWindow)
