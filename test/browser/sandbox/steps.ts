/** The steps that a user takes in the sandbox. */
import type { Page } from 'playwright-core'
import type { OwnApp } from './own-app.js'

/** The address of a launch of the sample app from the EHR. */
export const ehrLaunch = (base: string, patient = 'example-4', user = 'alice'): string =>
  `${base}/ehr/launch?${new URLSearchParams({
    client_id: 'sample-app',
    launch_uri: `${base}/app/launch`,
    user,
    patient
  }).toString()}`

/** The address at which the sample app launches itself, at the server with this FHIR base URL. */
export const standaloneLaunch = (base: string, fhirBaseUrl = `${base}/fhir`): string =>
  `${base}/app/launch?${new URLSearchParams({ iss: fhirBaseUrl }).toString()}`

/** Waits until a page has this heading. */
export const heading = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('heading', { name }).first().waitFor()

/** Goes to the page that asks for consent, by a launch from the EHR. */
export const toConsent = async (page: Page, base: string, patient?: string): Promise<void> => {
  await page.goto(ehrLaunch(base, patient))
  await heading(page, 'Give access?')
}

/** Fills in the sign-in page. */
export const signIn = async (page: Page, user = 'alice', password = `${user}-demo`): Promise<void> => {
  await heading(page, 'Sign in')
  await page.locator('input[name="username"]').fill(user)
  await page.locator('input[name="password"]').fill(password)
  await page.locator('input[name="password"]').press('Enter')
}

/** The text of the sample app, when it has shown all that it shows. */
export const appShown = async (page: Page): Promise<string> => {
  await page.waitForSelector('body[data-done]')
  return page.locator('main').innerText()
}

/** Goes through a whole launch from the EHR. */
export const toApp = async (page: Page, base: string, patient?: string): Promise<string> => {
  await toConsent(page, base, patient)
  await page.getByRole('button', { name: 'Allow' }).click()
  return appShown(page)
}

/** Removes the tick of a scope on the consent page. */
export const untick = (page: Page, scope: string): Promise<void> =>
  page.locator(`input[type=checkbox][value="${scope}"]`).first().uncheck()

/** The id of the own app on the launch page. */
export const ownClientId = 'an-app-of-mine'

/** Presses the button with a name. */
export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()

/** Fills in the launch page for a patient, and for an own app; without one, the sample app is launched. */
export const fillPanel = async (
  page: Page,
  base: string,
  patient: string,
  app: Pick<OwnApp, 'launchUri' | 'redirectUri'> | null = null
): Promise<void> => {
  await page.goto(`${base}/?${new URLSearchParams({ name: patient }).toString()}`)
  await page.getByLabel(patient).check()
  if (app === null) return
  await page.getByLabel('Which app').selectOption('Another app, by its URLs')
  await page.getByLabel('Launch URL').fill(app.launchUri)
  await page.getByLabel('Redirect URLs').fill(app.redirectUri)
  await page.locator('input[name=client_id]').fill(ownClientId)
}
