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

/** An app by its URLs, as the panel sends it. */
const own = {
  app: '*',
  launch_uri: 'http://localhost:3000/launch',
  redirect_uris: 'http://localhost:3000/',
  client_id: 'an-app-of-mine'
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
  { name: 'desktop', open: at('/'), picture: 'desktop' },
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
      await heading(page, 'This sign-in has ended')
    },
    status: 400
  },
  {
    name: 'refused',
    open: (page, base) =>
      page.goto(`${base}/authorize?client_id=unknown&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2F`),
    status: 400
  },
  { name: 'not-found', open: at('/nowhere'), status: 404 },
  {
    name: 'grants',
    open: async (page, base) => {
      await toApp(page, base)
      await page.goto(`${base}/ehr/grants`)
      await heading(page, 'Grants')
    }
  },
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
      await heading(page, 'What would be accepted')
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
    name: 'link',
    open: async (page, base) => {
      await page.goto(`${base}/ehr/link?${new URLSearchParams({ ...own, patient: 'example-3' }).toString()}`)
      await heading(page, 'Your link')
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
      const fields = { app: 'sample-app', kind: 'ehr', patient: 'example-4', frame: 'yes', go: 'launch' }
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
    name: 'sample-app-without-launch',
    open: async (page, base) => {
      await page.goto(`${base}/app`)
      await appShown(page)
    }
  }
]
