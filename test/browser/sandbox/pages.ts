/** Every page of the sandbox, and how a user comes to it. */
import type { Page } from 'playwright-core'
import { appShown, ehrLaunch, heading, signIn, standaloneLaunch, toApp, toConsent, untick } from './steps.js'

/** One page. */
export interface SandboxPage {
  readonly name: string
  readonly open: (page: Page, base: string) => Promise<unknown>
  /** The name of the picture of this page in the documentation. */
  readonly picture?: string
  /** The height of that picture in pixels; 800 if it is left out. */
  readonly height?: number
  /** The status of the page; 200 if it is left out. The browser reports all others on its console. */
  readonly status?: number
}

const at =
  (path: string): SandboxPage['open'] =>
  (page, base) =>
    page.goto(`${base}${path}`)

const scopes = '/scopes#requested=patient%2FObservation.rs%20patient%2FPatient.r&granted=patient%2FObservation.r'

/** An app by its URLs, as the launch page sends it. */
const own = {
  app: '*',
  launch_uri: 'http://localhost:3000/launch',
  redirect_uris: 'http://localhost:3000/',
  client_id: 'an-app-of-mine',
  user: 'alice'
}

/** Where no app listens. */
const silent = { ...own, launch_uri: 'http://127.0.0.1:9/launch', redirect_uris: 'http://127.0.0.1:9/' }

const linkAddress = (base: string, fields: Readonly<Record<string, string>>): string =>
  `${base}/ehr/link?${new URLSearchParams(fields).toString()}`

/** The link of the launch page for these fields. */
const linkOf = async (page: Page, base: string, fields: Readonly<Record<string, string>>): Promise<string> => {
  await page.goto(linkAddress(base, fields))
  return page.locator('#link').innerText()
}

/** Registers an app with a secret. */
const register = async (page: Page, base: string): Promise<void> => {
  await page.goto(`${base}/ehr/apps/new`)
  await page.getByLabel('Name').fill('Growth Charts')
  await page.getByLabel('Authentication').selectOption('client_secret_basic')
  await page.getByLabel('Redirect URLs').fill('http://localhost:3000/')
  await page.getByLabel('Launch URLs').fill('http://localhost:3000/launch')
  await page.getByRole('button', { name: 'Register' }).click()
  await heading(page, 'The app is registered')
}

/** The pages. */
export const sandboxPages: ReadonlyArray<SandboxPage> = [
  { name: 'launch-page', open: at('/'), picture: 'launch-page' },
  {
    name: 'sign-in',
    open: async (page, base) => {
      await page.goto(standaloneLaunch(base))
      await heading(page, 'Sign in')
    }
  },
  {
    name: 'choice',
    open: async (page, base) => {
      await page.goto(standaloneLaunch(base))
      await signIn(page)
      await heading(page, 'Choose')
    },
    picture: 'choice'
  },
  {
    name: 'sign-in-complaint',
    open: async (page, base) => {
      await page.goto(standaloneLaunch(base))
      await signIn(page, 'alice', 'not-the-password')
      await page.getByText('User name or password is wrong.').waitFor()
    }
  },
  {
    name: 'choice-encounter',
    open: async (page, base) => {
      await page.goto(
        `${base}/authorize?${new URLSearchParams({
          client_id: 'sample-app',
          redirect_uri: `${base}/app`,
          response_type: 'code',
          scope: 'launch/patient launch/encounter patient/*.rs',
          state: 's',
          aud: `${base}/fhir`,
          code_challenge: 'c'.repeat(43),
          code_challenge_method: 'S256'
        }).toString()}`
      )
      await signIn(page)
      await heading(page, 'Choose an encounter')
    }
  },
  { name: 'consent', open: (page, base) => toConsent(page, base), picture: 'consent', height: 1080 },
  {
    name: 'consent-unticked',
    open: async (page, base) => {
      await toConsent(page, base)
      await untick(page, 'patient/Observation.rs')
    }
  },
  {
    name: 'ended',
    open: async (page, base) => {
      await toConsent(page, base)
      const consent = page.url()
      await page.getByRole('button', { name: 'Deny' }).click()
      await appShown(page)
      await page.goto(consent)
      await heading(page, 'This request has ended')
    },
    status: 400
  },
  {
    name: 'refused',
    open: (page, base) =>
      page.goto(`${base}/authorize?client_id=unknown&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2F`),
    status: 400
  },
  {
    name: 'refused-redirect',
    open: async (page, base) => {
      const link = await linkOf(page, base, { ...own, client_name: 'Growth Charts' })
      const server = link.replace(/\/ehr\/launch.*/, '')
      await page.goto(
        `${server}/authorize?client_id=an-app-of-mine&redirect_uri=http%3A%2F%2F127.0.0.1%3A3000%2F&response_type=code`
      )
      await page.getByText('two names of this machine').waitFor()
    },
    status: 400
  },
  { name: 'not-found', open: at('/nowhere'), status: 404 },
  { name: 'no-discovery', open: at('/.well-known/smart-configuration'), status: 404 },
  {
    name: 'grants',
    open: async (page, base) => {
      await toApp(page, base)
      await page.goto(`${base}/ehr/grants`)
      await heading(page, 'Grants')
    }
  },
  {
    name: 'grants-waiting',
    open: async (page, base) => {
      await toConsent(page, base)
      await page.goto(`${base}/ehr/grants`)
      const waiting = page.getByText(/that waits? for a user/)
      await waiting.waitFor()
      if ((await page.locator('details[open]', { has: waiting }).count()) === 0) await waiting.click()
    }
  },
  { name: 'grant-unknown', open: at('/ehr/grants/no-such-grant'), status: 404 },
  {
    name: 'connected-apps',
    open: async (page, base) => {
      await toApp(page, base)
      await page.goto(`${base}/apps`)
      await page.getByText('Sample App').first().waitFor()
    },
    picture: 'connected-apps'
  },
  {
    name: 'sign-out',
    open: async (page, base) => {
      await toConsent(page, base)
      await page.goto(`${base}/ehr/sign-out`)
    }
  },
  {
    name: 'grant',
    open: async (page, base) => {
      await toApp(page, base)
      await page.goto(`${base}/ehr/grants`)
      await page.locator('main h2 a').first().click()
      await page.locator('svg.machine').waitFor()
    }
  },
  {
    name: 'log',
    open: async (page, base) => {
      await toApp(page, base)
      await page.goto(`${base}/fhir/Observation?patient=example-4`)
      await page.goto(`${base}/ehr/log`)
      await page.locator('.line').nth(3).waitFor()
    },
    status: 401
  },
  {
    name: 'log-line',
    open: async (page, base) => {
      await page.goto(`${base}/authorize?client_id=unknown&response_type=code`)
      await page.goto(`${base}/ehr/log?kind=refusals`)
      await page.locator('.line .head a').first().click()
      await heading(page, 'Why, and what would be accepted')
    },
    status: 400
  },
  { name: 'log-line-unknown', open: at('/ehr/log/no-such-line'), status: 404 },
  {
    name: 'apps',
    open: async (page, base) => {
      await register(page, base)
      await page.goto(`${base}/ehr/apps`)
      await page.getByText('Remove it').first().waitFor()
    }
  },
  {
    name: 'apps-new',
    open: at('/ehr/apps/new?client_id=an-app-of-mine&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2F')
  },
  { name: 'apps-registered', open: register },
  {
    name: 'apps-change',
    open: async (page, base) => {
      await register(page, base)
      await page.goto(`${base}/ehr/apps`)
      await page.getByRole('link', { name: 'Change', exact: true }).first().click()
      await heading(page, 'Change an app')
    }
  },
  {
    name: 'link',
    open: async (page, base) => {
      await page.goto(`${base}/ehr/link?${new URLSearchParams({ ...own, patient: 'example-3' }).toString()}`)
      await heading(page, 'Your link')
    }
  },
  {
    name: 'link-connect',
    open: async (page, base) => {
      await page.goto(linkAddress(base, { ...own, kind: 'standalone' }))
      await heading(page, 'Connect your app')
    }
  },
  {
    name: 'link-silent',
    open: async (page, base) => {
      await page.goto(linkAddress(base, { ...silent, patient: 'example-3', go: 'launch' }))
      await page.getByText('Nothing answers at').waitFor()
    }
  },
  {
    name: 'silent-app',
    open: async (page, base) => {
      await page.goto(await linkOf(page, base, { ...silent, patient: 'example-3' }))
      await heading(page, 'The app does not answer')
    }
  },
  {
    name: 'link-backend',
    open: async (page, base) => {
      const keys = 'http://localhost:3000/jwks.json'
      const service = { app: '*', client_id: 'my-service', kind: 'backend', keys }
      await page.goto(`${base}/ehr/link?${new URLSearchParams(service).toString()}`)
      await heading(page, 'Your backend service')
    }
  },
  {
    name: 'panel-complaint',
    open: async (page, base) => {
      const fields = { ...own, frame: 'yes', intent: 'reconcile-medications', style: 'https://ehr.example/style.json' }
      await page.goto(`${base}/ehr/link?${new URLSearchParams(fields).toString()}`)
      await page.getByRole('alert').waitFor()
    },
    status: 400
  },
  {
    name: 'frame',
    open: async (page, base) => {
      const fields = { app: 'sample-app', user: 'alice', patient: 'example-4', frame: 'yes', go: 'launch' }
      await page.goto(`${base}/ehr/link?${new URLSearchParams(fields).toString()}`)
      await page.frameLocator('iframe').locator('body[data-done]').waitFor()
    }
  },
  {
    name: 'frame-impossible',
    open: async (page, base) => {
      await page.goto(ehrLaunch(base).replace('/ehr/launch', '/ehr/frame'))
      await page.getByRole('link', { name: 'Launch it without a frame' }).waitFor()
    },
    status: 400
  },
  { name: 'setting-wrong', open: at('/sim/e30x/ehr/launch'), status: 400 },
  { name: 'fhir-refused', open: at('/fhir/Patient/example-1'), status: 401 },
  { name: 'scopes', open: at(scopes), picture: 'scopes' },
  { name: 'scopes-empty', open: at('/scopes') },
  {
    name: 'scopes-malformed',
    open: at('/scopes#requested=patient%2FObservation.sr%20luanch&granted=patient%2F*.rs%20user%2FPatient.cruds')
  },
  { name: 'misbehaviors', open: at('/misbehaviors') },
  { name: 'sample-app', open: (page, base) => toApp(page, base), picture: 'sample-app', height: 1080 },
  {
    name: 'sample-app-narrowed',
    open: async (page, base) => {
      await toConsent(page, base)
      await untick(page, 'patient/Observation.rs')
      await page.getByRole('button', { name: 'Allow' }).click()
      await appShown(page)
    },
    picture: 'sample-app-narrowed'
  },
  {
    name: 'sample-app-denied',
    open: async (page, base) => {
      await page.goto(ehrLaunch(base))
      await page.getByRole('button', { name: 'Deny' }).click()
      await appShown(page)
    }
  },
  {
    name: 'sample-app-signed-out',
    open: async (page, base) => {
      await toApp(page, base)
      await page.getByRole('button', { name: 'Sign out of the app' }).click()
      await page.getByText('You are signed out.').waitFor()
    }
  },
  {
    name: 'sample-app-ended',
    open: async (page, base) => {
      await toApp(page, base)
      const apps = await page.context().newPage()
      await apps.goto(`${base}/apps`)
      await apps
        .getByRole('button', { name: /End the access/ })
        .first()
        .click()
      await apps.waitForLoadState()
      await apps.close()
      await page.reload()
      await page.getByText('The access has ended.').waitFor()
    },
    status: 401
  },
  {
    name: 'sample-app-without-launch',
    open: async (page, base) => {
      await page.goto(`${base}/app`)
      await appShown(page)
    }
  }
]
