/**
 * What a screen reader gets of a page: the accessibility tree of Chromium as lines of text, and what is wrong with it.
 * Axe checks the rules of single elements; this checks what a person hears one after the other.
 */
import type { Page } from 'playwright-core'

interface Value {
  readonly value?: unknown
}

interface AxNode {
  readonly nodeId: string
  readonly ignored: boolean
  readonly role?: Value
  readonly name?: Value
  readonly description?: Value
  readonly childIds?: ReadonlyArray<string>
  readonly backendDOMNodeId?: number
  readonly properties?: ReadonlyArray<{ readonly name: string; readonly value: Value }>
}

/** One thing that is announced. */
export interface Spoken {
  readonly role: string
  readonly name: string
  readonly description: string
  readonly states: Readonly<Record<string, unknown>>
  readonly depth: number
}

const textOf = (value: Value | undefined): string =>
  (typeof value?.value === 'string' ? value.value : '').replaceAll(/\s+/g, ' ').trim()

/** Roles that are heard only through what is in them. */
const silentRoles = new Set(['generic', 'none', 'InlineTextBox', 'LineBreak', 'RootWebArea', 'LayoutTable'])

/** The accessibility tree of a page in the order of reading. */
export const spokenOf = async (page: Page): Promise<ReadonlyArray<Spoken>> => {
  const session = await page.context().newCDPSession(page)
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as unknown as {
    readonly nodes: ReadonlyArray<AxNode>
  }
  await session.detach()
  const byId = new Map(nodes.map((node) => [node.nodeId, node] as const))
  const children = new Set(nodes.flatMap(({ childIds = [] }) => childIds))
  const heard: Array<Spoken> = []
  const walk = (id: string, depth: number): void => {
    const node = byId.get(id)
    if (node === undefined) return
    const role = textOf(node.role)
    const isHeard = !node.ignored && !silentRoles.has(role)
    if (isHeard)
      heard.push({
        role,
        name: textOf(node.name),
        description: textOf(node.description),
        states: Object.fromEntries((node.properties ?? []).map(({ name, value }) => [name, value.value])),
        depth
      })
    for (const child of node.childIds ?? []) walk(child, isHeard ? depth + 1 : depth)
  }
  for (const { nodeId } of nodes.filter((one) => !children.has(one.nodeId))) walk(nodeId, 0)
  return heard
}

const stateWords = ({ states }: Spoken): string =>
  ['level', 'expanded', 'checked', 'pressed', 'selected', 'invalid', 'required', 'disabled', 'live', 'focused']
    .filter((name) => name in states && states[name] !== false && states[name] !== 'false')
    .map((name) => `${name}=${String(states[name])}`)
    .concat('expanded' in states && states['expanded'] === false ? ['expanded=false'] : [])
    .join(' ')

/** What is read, line by line. */
export const readAloud = (heard: ReadonlyArray<Spoken>): string =>
  heard
    .map((one) =>
      [' '.repeat(one.depth) + one.role, one.name === '' ? '' : `"${one.name}"`, stateWords(one), one.description]
        .filter((part) => part !== '')
        .join(' ')
    )
    .join('\n')

const controls: ReadonlySet<string> = new Set([
  'button',
  'link',
  'textbox',
  'searchbox',
  'combobox',
  'listbox',
  'checkbox',
  'radio',
  'spinbutton',
  'switch',
  'slider',
  'DisclosureTriangle'
])

const headingFaults = (heard: ReadonlyArray<Spoken>): ReadonlyArray<string> => {
  const levels = heard
    .filter(({ role }) => role === 'heading')
    .map(({ name, states }) => [states['level'], name] as const)
  return [
    ...(levels.filter(([level]) => level === 1).length === 1 ? [] : ['not exactly one heading of level 1']),
    ...levels.flatMap(([level, name], place) =>
      place > 0 && Number(level) > Number(levels[place - 1]?.[0]) + 1 ? [`the heading "${name}" skips a level`] : []
    ),
    ...levels.flatMap(([, name]) => (name === '' ? ['a heading without words'] : []))
  ]
}

/** The nodes below one, which are deeper and follow it. */
const within = (heard: ReadonlyArray<Spoken>, place: number): ReadonlyArray<Spoken> => {
  const depth = heard[place]?.depth ?? 0
  const end = heard.findIndex((one, index) => index > place && one.depth <= depth)
  return heard.slice(place + 1, end === -1 ? undefined : end)
}

const treeFaults = (heard: ReadonlyArray<Spoken>): ReadonlyArray<string> =>
  heard.flatMap((one, place) => {
    const { name, role } = one
    if (controls.has(role) && name === '') return [`a ${role} without a name`]
    if (['image', 'img', 'graphics-document', 'Iframe', 'region', 'form', 'group'].includes(role) && name === '')
      return role === 'group' || role === 'form' ? [] : [`a ${role} without a name`]
    if (role === 'table') {
      const parts = within(heard, place)
      return parts.some((part) => part.role === 'columnheader' || part.role === 'rowheader')
        ? []
        : ['a table without headers']
    }
    const state = { checkbox: 'checked', combobox: 'expanded', DisclosureTriangle: 'expanded', radio: 'checked' }[role]
    if (state !== undefined) return state in one.states ? [] : [`"${name}" does not say whether it is ${state}`]
    return []
  })

/** What the DOM says that the tree does not. */
const domFaults = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate<ReadonlyArray<string>>(`(() => {
    const faults = []
    const all = (selector) => [...document.querySelectorAll(selector)]
    const shown = (one) => one.checkVisibility({ visibilityProperty: true })
    const words = (one) => (one.getAttribute('aria-label') ?? one.textContent).replace(/\\s+/g, ' ').trim()
    if (document.documentElement.lang !== 'en') faults.push('the language is not set')
    if (all('main, [role=main]').length !== 1) faults.push('not exactly one main part')
    for (const one of all('[tabindex]').filter(({ tabIndex }) => tabIndex > 0))
      faults.push('a positive tabindex: ' + one.outerHTML.slice(0, 80))
    for (const one of all('svg')) {
      const isHidden = one.closest('[aria-hidden=true]') !== null
      const isNamed = one.getAttribute('role') === 'img' && (one.getAttribute('aria-label') ?? '') !== ''
      if (!isHidden && !isNamed) faults.push('a picture without a name: ' + one.outerHTML.slice(0, 80))
    }
    for (const one of all('[aria-invalid=true]')) {
      const ids = (one.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => id !== '')
      const said = ids.map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim()
      if (said === '') faults.push('a wrong field without its error: ' + one.outerHTML.slice(0, 80))
    }
    const isHeard = (one) => shown(one) && one.closest('[aria-hidden=true]') === null
    for (const kind of ['main button', 'main a[href]']) {
      const seen = new Map()
      for (const one of all(kind).filter(isHeard)) {
        const name = words(one)
        const does = one.tagName === 'A' ? one.href
          : [one.formAction, one.name, one.value, one.dataset.copy ?? '', one.type].join(' ')
        const known = seen.get(name)
        if (known !== undefined && known !== does) faults.push('two of "' + name + '" do different things')
        seen.set(name, does)
      }
    }
    // The keyboard goes through the controls as they are written: none may be shown above or left of the one before.
    const focusable = all('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')
      .filter((one) => isHeard(one) && !one.disabled && one.tabIndex >= 0 && !one.matches('.skip'))
      .filter((one) => getComputedStyle(one.closest('.decide') ?? document.body).position !== 'sticky')
      .map((one) => ({ one, box: one.getClientRects()[0] })).filter(({ box }) => box !== undefined)
    focusable.forEach(({ one, box }, place) => {
      const before = focusable[place - 1]
      if (before === undefined || before.one.contains(one)) return
      const isAbove = box.bottom <= before.box.top && box.left < before.box.right && before.box.left < box.right
      const isLeft = box.right <= before.box.left && Math.abs(box.top - before.box.top) < 8 && box.height < 60
      if (isAbove || isLeft)
        faults.push('"' + words(one) + '" comes after "' + words(before.one) + '" and stands before it')
    })
    for (const one of all('main *')) {
      const { flexDirection, order } = getComputedStyle(one)
      if (order !== '0' || flexDirection.endsWith('reverse'))
        faults.push('another order than written: ' + one.className)
    }
    return faults
  })()`)

/** What is wrong with a page for a person who hears it. */
export const spokenFaults = async (page: Page, heard: ReadonlyArray<Spoken>): Promise<ReadonlyArray<string>> => [
  ...headingFaults(heard),
  ...treeFaults(heard),
  ...(await domFaults(page))
]
