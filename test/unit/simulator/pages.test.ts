import { parse as parseHtml } from 'node-html-parser'
import { describe, expect, it } from 'vitest'
import { html } from '../../../src/host/html.js'
import { page as shellPage } from '../../../src/simulator/design/shell.js'
import { styleSheet } from '../../../src/simulator/design/style.js'
import { cardPage } from '../../../src/simulator/pages/card-page.js'
import { choosePage } from '../../../src/simulator/pages/choose.js'
import { connectedAppsPage } from '../../../src/simulator/pages/connected-apps.js'
import { consentPage } from '../../../src/simulator/pages/consent.js'
import { desktopPage } from '../../../src/simulator/pages/desktop.js'
import { refusalPage } from '../../../src/simulator/pages/error.js'
import { launchLinkPage } from '../../../src/simulator/pages/launch-link.js'
import { readFields } from '../../../src/simulator/launch/launch-form.js'
import { linkOf } from '../../../src/simulator/launch/launch-link.js'
import { signInPage } from '../../../src/simulator/pages/sign-in.js'
import {
  choiceView,
  consentView,
  desktopView,
  errorView,
  panelView,
  signInView
} from '../../support/simulator/page-views.js'
import {
  authorizationAt,
  browserAt,
  formOn,
  home,
  locationOf,
  simulatorHere
} from '../../support/simulator/in-process.js'

const hostile = '"><script>alert(1)</script>\'&'

const client = { id: hostile, name: hostile, redirectOrigin: `https://${hostile}` }

/** HTML in one spelling: the formatter breaks lines inside the templates of pages. */
const compact = (text: string): string =>
  text
    .replaceAll(/[ \n]+/g, ' ')
    .replaceAll(/ ?\/?>/g, '>')
    .replaceAll(/(<p>) | (<\/p>)/g, '$1$2')

describe('a page', () => {
  it.each([
    ['sign-in', signInPage(signInView({ client, complaint: hostile }))],
    ['choice', choosePage(hostile, choiceView({ client, patients: [{ id: hostile, name: hostile }] }))],
    ['consent', consentPage(hostile, consentView({ client, patientName: hostile }, 'patient/*.rs __<b>'))],
    ['error', refusalPage('', errorView({ message: hostile, onward: `https://app.example/${hostile}` }))]
  ])('for %s makes hostile text harmless', (_name, page) => {
    expect(page.html).not.toContain('<script')
    expect(page.html).not.toContain('<b>')
    expect(page.html).toContain('&quot;&gt;&lt;script&gt;')
  })

  it.each(['ab\u202edc', 'a"b', 'x'.repeat(5000)])(
    'sets %j apart from its own words where it names a user or a record',
    (text) => {
      const user = { username: text, password: text, fhirUser: `Practitioner/${text}`, patients: [text, text] }
      const desktop = desktopPage(desktopView({ users: [user] }))
      for (const { html: page } of [desktop, signInPage(signInView({ users: [user, user] }))]) {
        const own = page.replace(/<bdi[^>]*>[^<]*<\/bdi>/g, '').replace(/<[^>]*>/g, '|')
        expect(own).not.toMatch(/dc|a&quot;b|xxx|u\{202e\}/)
      }
    }
  )

  const consent = (scope: string, context = {}, options = {}): string =>
    compact(consentPage('alice', consentView({ context, patientName: 'Ada Synthetic' }, scope, options)).html)
  const headingOf = (page: string): string =>
    (/<p class="asks">(.*?)<\/p>/s.exec(page)?.[1] ?? '')
      .replace(/<[^>]*>/g, '')
      .replace(/^.* asks /, '')
      .replace(/ Untick .*/, '')

  it.each([
    ['launch patient/*.rs', 'for access to the record of Ada Synthetic.'],
    ['launch patient/Observation.rs offline_access', 'for access to the record of Ada Synthetic.'],
    [
      'launch/patient openid fhirUser patient/*.rs',
      'for access to the record of Ada Synthetic, and to read the one that represents you.'
    ],
    ['launch user/*.rs', 'for access.'],
    ['launch patient/*.rs user/Observation.rs', 'for access.'],
    ['launch/patient', 'for access.'],
    ['launch openid fhirUser', 'for access.'],
    ['patient/*.rs __vendor', 'for access.']
  ])('of consent to %s names the patient where access is limited to that patient', (scope, heading) => {
    expect(headingOf(consent(scope))).toBe(heading)
  })

  it.each(['patient/*.rs', 'user/*.cruds', 'patient/*.read', 'patient/*.r?code=x', 'user/Observation.cruds'])(
    'of consent to the wildcard %s says that it is now and in the future',
    (scope) => {
      expect(consent(scope)).toContain('both now and in the future')
    }
  )

  it('of consent says what else openid fhirUser opens, unless the policy opens nothing', () => {
    expect(consent('openid fhirUser')).toContain('and read that record')
    expect(consent('openid fhirUser')).not.toContain('It cannot see any record, and it cannot change one.')
    expect(consent('openid fhirUser', {}, { fhirUserImpliesRead: false })).toContain(
      'It cannot see any record, and it cannot change one.'
    )
  })

  it('of consent shows what the app will receive, and nothing that it does not ask for', () => {
    const context = {
      patient: '1',
      encounter: 'e1',
      intent: 'review\u202e',
      tenant: 'clinic-7',
      extensions: { __mrn: '12345' }
    }
    const shownIn = (scope: string) =>
      [
        ...(/<ul class="context">(.*?)<\/ul>/s.exec(consent(scope, context))?.[1] ?? '').matchAll(/<li>(.*?)<\/li>/g)
      ].map(([, item]) => item?.replace(/<[^>]*>/g, ''))
    expect(shownIn('launch user/*.rs')).toEqual([
      'the patient Ada Synthetic, if you give launch',
      'the encounter e1, if you give launch',
      'what you want to do: review\\u{202e}, if you give launch',
      'the organization clinic-7, if you give launch',
      '__mrn, if you give launch'
    ])
    expect(shownIn('patient/*.rs')).toEqual([
      'the patient Ada Synthetic, if you give access to the records of one patient'
    ])
    expect(shownIn('launch/patient launch/encounter patient/A.r patient/B.r')).toEqual([
      'the patient Ada Synthetic, if you give launch/patient or access to the records of one patient',
      'the encounter e1, if you give launch/encounter'
    ])
    expect(shownIn('openid user/*.rs')).toEqual([])
  })

  it('of consent says how long the access lasts only for what stays ticked', () => {
    const lasting = (scope: string) => parseHtml(consent(scope)).querySelector('.lasting')?.text
    expect(lasting('launch')).toBe('The access lasts 1 hour. Then the app must ask again.')
    expect(lasting('offline_access launch')).toBe(
      'The access lasts 1 hour. If you give offline_access, the app can renew it for 1 day. ' +
        'Otherwise the app must ask again.'
    )
    expect(styleSheet).toMatch(/form:not\(:has\(\[name=scope\]:checked\)\) \.lasting ?\{ ?display: ?none/)
  })

  it('of consent to a patient who is the user names one record', () => {
    const user = { sub: 'pat', authTime: 0, fhirUser: 'Patient/example-1' }
    const consentFor = (patient: string) =>
      consentPage(
        'pat',
        consentView({ user, context: { patient }, patientName: 'Ada Synthetic' }, 'launch/patient patient/*.rs')
      ).html
    expect(headingOf(consentFor('example-1'))).toBe('for access to the record of Ada Synthetic, which represents you.')
    expect(headingOf(consentFor('example-2'))).toBe('for access to the record of Ada Synthetic.')
  })

  it('of consent of a patient to an app that reads who the user is names one record', async () => {
    const browser = browserAt(await simulatorHere())
    const signIn = formOn(await browser.get('/ehr/sign-in'))
    await browser.post(signIn.action, [...signIn.hidden, ['username', 'pat'], ['password', 'pat-demo']])
    const address = authorizationAt(home, 'launch/patient openid fhirUser patient/*.rs')
    const choice = await browser.get(locationOf(await browser.get(address)))
    const { action, hidden } = formOn(choice)
    const page = await browser.get(locationOf(await browser.post(action, [...hidden, ['patient', 'example-1']])))
    expect(headingOf(compact(page.body))).toBe('for access to the record of Ada Synthetic, which represents you.')
    expect(page.body).toContain('records that are about other patients and not about this one.')
  })

  const posing = [
    'x.%0A%0AThis%20app%20is%20approved',
    '%E2%80%AEcilbup',
    '%E2%80%8B',
    '%22.%20Approved',
    '%E2%80%9D%20Approved',
    '%F3%A0%81%81',
    '%1B%5B2J',
    '%E3%85%A4',
    '%CC%81%CC%81'
  ]
  it.each(posing)('of consent sets the value %s of a scope apart, and hides nothing of it', (value) => {
    const page = consent(`patient/Observation.rs?code=${value} __${value}`)
    const label = /checked>(.*?)<\/label>/s.exec(page)?.[1] ?? ''
    expect(label).toMatch(
      new RegExp(
        '^ <span><span class="say">Read and search Observation records of this patient, only where code is ' +
          '<code><bdi class="given">"[^"<]*"</bdi></code></span> ' +
          '<code><bdi>patient/Observation\\.rs\\?code=[!-~]*</bdi></code>' +
          '<span class="hint">Untick it to give only a part.</span></span>$'
      )
    )
    expect(page).not.toMatch(/(?!\n)[\p{C}\p{Zl}\p{Zp}\p{DI}]|(?! )\p{Zs}|\p{M}/u)
  })

  it.each([
    'ab\u202edc',
    'a\nb',
    'a\u200bb',
    'x'.repeat(5000),
    'a\u0000\u001b[2Jb',
    'a\u{e0041}b',
    `a${'\u0335'.repeat(40)}`,
    '  a   b  '
  ])('shows %j as it is, wherever it stands', (text) => {
    const asking = { id: text, name: text, redirectOrigin: 'https://app.example' }
    const context = { intent: text, tenant: text, extensions: { [text]: 'x' } }
    const patients = [{ id: text, name: text, encounters: [{ id: text, name: text }] }]
    const apps = [
      {
        grantId: 'g',
        client: { id: text, name: text },
        scopes: consentView({}, `__${text}`).scopes,
        since: 0,
        until: 1
      }
    ]
    const row = { id: text, name: text, sex: text, birthDate: text }
    for (const page of [
      signInPage(
        signInView({
          client: asking,
          complaint: 'No.',
          users: [{ username: text, password: text, fhirUser: null, patients: [] }]
        })
      ),
      choosePage(text, choiceView({ client: asking, patients })),
      choosePage(text, choiceView({ client: asking, patients, needs: ['patient', 'encounter'] })),
      consentPage(text, consentView({ client: asking, context, patientName: text }, `launch __${text}`)),
      connectedAppsPage(
        text,
        { action: '/apps', hiddenFields: '', user: consentView({}, '').user, apps },
        new Map(apps.map(({ grantId }) => [grantId, { patientName: text, lastUsed: 1 }])),
        {
          homePath: '',
          elsewhere: [
            {
              handle: 'h',
              short: 'h',
              appName: text,
              patientName: text,
              lastUsed: 1,
              isByUrls: true,
              misbehavior: 'state-wrong'
            }
          ]
        }
      ),
      desktopPage(
        desktopView({
          panel: panelView({
            apps: [{ id: text, name: text, isForUsers: true }],
            fields: { ...readFields(new Map()), intent: text },
            patients: { shown: [row], found: 1, page: 1, pages: 1 },
            chosen: row,
            encounters: [{ id: text, label: text, patient: text }]
          })
        })
      ),
      launchLinkPage(
        linkOf(
          'https://ehr.example',
          {},
          { kind: 'ehr', clientId: text.slice(0, 99), launchUri: 'https://a.example/', isFramed: false }
        ),
        { address: 'https://ehr.example/ehr/link', back: '/', silent: true }
      )
    ]) {
      // What forms send back stands in attributes to the letter; what is read stands outside of tags.
      const read = page.html.replace(/<[^>]*>/g, '|')
      expect(read).not.toMatch(/(?!\n)[\p{C}\p{Zl}\p{Zp}\p{DI}]|(?! )\p{Zs}|\p{M}{4}|x{400}/u)
    }
  })

  it('cannot be framed, cached or scripted', () => {
    const { headers } = shellPage({ homePath: '', title: 'x', layout: 'desk', body: html`y` })
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer'
    })
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['content-security-policy']).toContain("script-src 'none'")
  })

  it('can be in a frame of this server where it only says what is wrong, and its links lead out of it', () => {
    for (const [status, policy, target] of [
      [400, "frame-ancestors 'self'", '_top'],
      [200, "frame-ancestors 'none'", undefined]
    ] as const) {
      const { body, headers } = cardPage('', status, 'x', html`y`)
      expect(headers['content-security-policy']).toContain(policy)
      expect(parseHtml(body).querySelector('base')?.getAttribute('target')).toBe(target)
      // This link alone leads to a part of the page itself.
      expect(parseHtml(body).querySelector('.skip')?.getAttribute('target')).toBe('_self')
    }
  })
})

/** The pages of one user and one app, in their shells. */
const wholePages = (): ReadonlyArray<readonly [name: string, body: string]> => {
  const shell = (layout: 'desk' | 'talk', body: ReturnType<typeof signInPage>): string =>
    shellPage({ homePath: '', title: 'A page', heading: layout === 'talk' ? null : html`A page`, layout, body }).body
  const users = [{ username: 'u', password: 'p', fhirUser: null, patients: ['*'] }]
  const row = { id: 'p', name: 'P', sex: 'female', birthDate: '1974-12-25' }
  const patients = { shown: [row], found: 9, page: 1, pages: 2 }
  const panel = panelView({ users, patients, chosen: row, encounters: [{ id: 'e', label: 'E', patient: 'p' }] })
  const link = linkOf(
    'https://ehr.example',
    {},
    {
      kind: 'ehr',
      clientId: 'c',
      launchUri: 'https://app.example/l',
      isFramed: false
    }
  )
  return [
    ['desktop', shell('desk', desktopPage(desktopView({ users, panel, hasSampleApp: true })))],
    [
      'link',
      shell('desk', launchLinkPage(link, { address: 'http://127.0.0.1:4010/ehr/link', back: '/', silent: true }))
    ],
    ['sign-in', shell('talk', signInPage(signInView({ users, complaint: 'No.' })))],
    ['choice', shell('talk', choosePage('u', choiceView({ patients: [{ id: 'p', name: 'P' }] })))],
    ['consent', shell('talk', consentPage('u', consentView({}, 'openid launch/patient patient/*.cruds')))],
    ['error', shell('talk', refusalPage('', errorView()))]
  ]
}

describe.each(wholePages())('the page of %s', (_name, body) => {
  it('has landmarks, a way past the header, one heading, and a label for each control', () => {
    const page = parseHtml(body)
    expect(page.querySelectorAll('header, main, footer').map(({ tagName }) => tagName)).toEqual([
      'HEADER',
      'MAIN',
      'FOOTER'
    ])
    expect(page.querySelector('a')?.getAttribute('href')).toBe('#main')
    expect(page.querySelectorAll('h1')).toHaveLength(1)
    const controls = page.querySelectorAll('input:not([type=hidden]), select')
    expect(controls.every((control) => control.closest('label') !== null)).toBe(true)
  })

  it('loads nothing from elsewhere, and has no style, script or handler inside', () => {
    expect(body).not.toMatch(/<style|<script| style="| on[a-z]+="|src="https?:|<link[^>]*href="https?:/)
    expect(styleSheet).not.toMatch(/@import|url\(/)
  })

  it('uses only classes that the style sheet knows', () => {
    const used = new Set(
      parseHtml(body)
        .querySelectorAll('[class]')
        .flatMap((element) => (element.getAttribute('class') ?? '').split(' '))
    )
    const plain = new Set(['', 'client-name', 'plain', 'normal', 'accent', 'desk', 'asks'])
    expect([...used].filter((name) => !plain.has(name) && !styleSheet.includes(`.${name}`))).toEqual([])
  })
})

describe('the consent page', () => {
  const page = (scope: string) => parseHtml(consentPage('alice', consentView({}, scope)).html)

  it('says that nothing is ticked, exactly while nothing is', () => {
    const sentence = page('openid patient/*.rs').querySelector('form .decide .none-ticked')
    expect(sentence?.text).toBe('Nothing is ticked: the button Allow denies the request, too.')
    expect(styleSheet).toMatch(/\.none-ticked ?\{ ?display: ?none/)
    expect(styleSheet).toMatch(/form:not\(:has\(\[name=scope\]:checked\)\) \.none-ticked ?\{ ?display: ?block/)
  })

  it('names an app without a name once', () => {
    const words = (name: string): string =>
      parseHtml(consentPage('alice', consentView({ client: { ...client, id: 'own', name } }, 'openid')).html)
        .querySelector('.party')
        ?.text.replaceAll(/\s+/g, ' ') ?? ''
    expect(words('Growth Charts')).toContain('Growth Charts Known here as own. You will be sent to')
    expect(words('own')).toMatch(/own You will be sent to/)
    expect(words('own')).not.toContain('Known here as')
  })

  it('groups the scopes, and marks those that reach wide, change records or last', () => {
    const shown = page('openid launch/patient patient/*.rs user/Observation.cruds offline_access __x')
    expect(shown.querySelectorAll('.group > legend').map(({ text }) => text.trim())).toEqual([
      'Who you are',
      'What you work on',
      'Which data',
      'Other permissions',
      'How long'
    ])
    expect(
      shown.querySelectorAll('.scope.strong').map((one) => [
        one.querySelector('input')?.getAttribute('value'),
        one
          .querySelectorAll('.badge')
          .map(({ text }) => text)
          .join()
      ])
    ).toEqual([
      ['patient/*.rs', 'every kind of record'],
      ['user/Observation.cruds', 'not limited to one patient,can change records'],
      ['offline_access', 'goes on after you leave']
    ])
  })

  it('says beside each scope what the app cannot do without it, and offers parts that are not ticked', () => {
    const shown = page('patient/Observation.rs')
    expect(shown.querySelector('.less > p')?.text).toBe(
      'Without it, the app cannot read and search Observation records of this patient.'
    )
    const parts = shown.querySelectorAll('.less input')
    expect(parts.map((part) => part.getAttribute('value'))[0]).toBe(
      'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory'
    )
    expect(parts.some((part) => part.hasAttribute('checked'))).toBe(false)
  })

  it('says how long the access lasts', () => {
    expect(page('patient/*.rs').querySelector('main, .inside')?.text).toContain(
      'The access lasts 1 hour. Then the app must ask again.'
    )
    expect(page('patient/*.rs offline_access').text).toContain('the app can renew it for 1 day.')
  })
})

it('the error page is neutral where nothing is wrong', () => {
  const alerts = (kind: 'ended' | 'refused' | 'failed') => {
    const page = parseHtml(refusalPage('', errorView({ kind })).html)
    return [page.querySelectorAll('[role=alert]').length, page.querySelector('h1')?.text]
  }
  expect(alerts('ended')).toEqual([0, 'This request has ended'])
  expect(alerts('refused')).toEqual([1, 'This cannot go on'])
  expect(alerts('failed')).toEqual([0, 'Not now'])
})

describe('the page to choose a patient', () => {
  it('shows sex and birth date, and searches by name', async () => {
    const browser = browserAt(await simulatorHere())
    const signIn = formOn(await browser.get('/ehr/sign-in'))
    await browser.post(signIn.action, [...signIn.hidden, ['username', 'alice'], ['password', 'alice-demo']])
    const address = locationOf(await browser.get(authorizationAt(home, 'launch/patient patient/*.rs')))
    const itemsAt = async (at: string) =>
      parseHtml((await browser.get(at)).body)
        .querySelectorAll('label.choice')
        .map(({ text }) => text.replaceAll(/\s+/g, ' ').trim())
    const all = await itemsAt(address)
    expect(all.length).toBeGreaterThan(8)
    for (const item of all) expect(item).toMatch(/ (?:female|male|other|unknown), \d{4}-\d{2}-\d{2}$/)
    const page = parseHtml((await browser.get(address)).body)
    // The first form is the choice; the search is above it, and belongs to a form behind it.
    const forms = page.querySelectorAll('form').map((one) => one.getAttribute('method'))
    expect([forms[0], page.querySelector('form#search')?.getAttribute('action')]).toEqual([
      'post',
      address.replace(home, '')
    ])
    expect(page.querySelector('input[name=search]')?.getAttribute('form')).toBe('search')
    const found = await itemsAt(`${address}?search=ada%20syn`)
    expect(found.map((item) => item.replace(/ (?:fe)?male, .*/, ''))).toEqual(['Ada Synthetic'])
  })
})
