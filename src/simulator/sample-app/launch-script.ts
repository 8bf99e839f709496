/**
 * The script of the page at which the sample app is launched. The build bundles it for browsers.
 *
 * @module
 */
import type { AppWindow } from './client.js'
import { problemOf } from './problem.js'
import { failed, noLibrary } from './view.js'

const begin = async ({ document, FHIR, location }: AppWindow): Promise<void> => {
  const page = document.getElementById('sample-app')
  const outcome = document.getElementById('outcome')
  if (page === null || outcome === null) return
  const { redirect = '', server = '' } = page.dataset
  // The library keeps the launch in this tab for one origin: it must be the origin of the redirect URI.
  if (new URL(redirect).origin !== location.origin) {
    location.replace(`${redirect}/launch${location.search}`)
    return
  }
  const parameters = new URLSearchParams(location.search)
  try {
    if (FHIR === undefined) {
      outcome.innerHTML = failed(noLibrary).html
      document.body.dataset['done'] = 'no'
      return
    }
    await FHIR.oauth2.authorize({
      clientId: 'sample-app',
      scope: `${
        parameters.has('launch') ? 'launch' : 'launch/patient'
      } openid fhirUser offline_access patient/Patient.rs patient/Observation.rs`,
      redirectUri: redirect,
      pkceMode: 'required',
      // In a frame of the record system, the launch ends in this frame.
      completeInTarget: true,
      // Opened without the address of a record system, it uses the one that shows this page.
      ...(parameters.has('iss') ? {} : { iss: server })
    })
  } catch (failure) {
    outcome.innerHTML = failed(problemOf(failure)).html
    document.body.dataset['done'] = 'no'
  }
}

void begin(globalThis as unknown as AppWindow)
