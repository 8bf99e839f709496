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

/** The pages. Those of `whenThere` are skipped while the simulator has no page at their address. */
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
  { name: 'scopes', open: at(scopes), picture: 'scopes' },
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

/** Pages at addresses that may have none yet. */
export const whenThere: ReadonlyArray<SandboxPage> = ['/ehr/log', '/ehr/apps'].map((path) => ({
  name: path.slice('/ehr/'.length),
  open: at(path)
}))
