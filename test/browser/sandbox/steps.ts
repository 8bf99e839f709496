/** The steps that a user takes in the sandbox. */
import type { Page } from 'playwright-core'

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
