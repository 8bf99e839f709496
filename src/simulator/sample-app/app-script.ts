/**
 * The script of the sample app after the launch. The build bundles it for browsers.
 *
 * @module
 */
import type { AppWindow, FhirClient, PageElement } from './client.js'
import { part, stringAt } from './fhir-json.js'
import { compared, permitsSome } from './granted.js'
import { allPages } from './paging.js'
import type { ErrorAddress, Problem } from './problem.js'
import { noticedErrors, problemOf } from './problem.js'
import type { Chart } from './series.js'
import { chartsOf } from './series.js'
import {
  accessEnded,
  chartChoice,
  chartShown,
  failed,
  grantedShown,
  noLibrary,
  noObservations,
  noSession,
  observationsFrame,
  patientChanged,
  patientShown,
  launchRefused,
  responseShown,
  signedOut,
  valuesShown
} from './view.js'
import type { Html } from '../../host/html.js'
import { html } from '../../host/html.js'

const isUnauthorized = (failure: unknown): boolean => part(failure, 'status') === 401

/** The answer of a revocation endpoint (RFC 7009) for each token: why one was not revoked; empty if all were. */
const revoked = async ({ fetch }: AppWindow, { state }: FhirClient): Promise<string> => {
  const found = await fetch(`${state.serverUrl}/.well-known/smart-configuration`)
  const endpoint = stringAt(await found.json(), 'revocation_endpoint')
  if (endpoint === '') return 'it has no revocation endpoint.'
  for (const name of ['refresh_token', 'access_token']) {
    const token = stringAt(state, 'tokenResponse', name)
    if (token !== '') {
      const body = new URLSearchParams({ token, token_type_hint: name, client_id: state.clientId ?? '' })
      const { ok, status } = await fetch(endpoint, { method: 'POST', body })
      if (!ok) return `it answered with status ${String(status)}.`
    }
  }
  return ''
}

const begin = async (window: AppWindow, errors: ErrorAddress): Promise<void> => {
  const { document, FHIR, location, sessionStorage } = window
  const on = (id: string, use: (element: PageElement) => void): void => {
    const element = document.getElementById(id)
    if (element !== null) use(element)
  }
  const fill = (id: string, content: Html): void => {
    on(id, (element) => {
      element.innerHTML = content.html
    })
  }
  /** Shows the outcome alone, or with the results. */
  const end = (outcome: Html, hasResults: boolean): void => {
    fill('outcome', outcome)
    for (const id of ['results', 'sign-out'])
      on(id, (element) => {
        element.hidden = !hasResults
      })
    on('again', (element) => {
      element.hidden = hasResults
    })
    document.body.dataset['done'] = hasResults ? 'yes' : 'no'
  }

  /** The problem of the last request. */
  const problemIn = (failure: unknown): Problem => {
    const problem = problemOf(failure)
    return { ...problem, why: problem.why ?? errors.last() }
  }
  const failure = (thrown: unknown, what: string): Html => {
    const problem = problemIn(thrown)
    return isUnauthorized(thrown) || problem.code === 'invalid_grant' ? accessEnded(problem) : failed(problem, what)
  }

  const parameters = new URLSearchParams(location.search)
  const error = parameters.get('error')
  if (error !== null) {
    const said = (name: string): string => parameters.get(name) ?? ''
    end(launchRefused(error, said('error_description'), said('error_uri')), false)
    return
  }
  if (FHIR === undefined) {
    end(failed(noLibrary), false)
    return
  }
  let client: FhirClient
  try {
    client = await FHIR.oauth2.ready()
  } catch (thrown) {
    end(parameters.has('state') ? failed(problemIn(thrown)) : noSession, false)
    return
  }
  const granted = (): string => stringAt(client.state, 'tokenResponse', 'scope')
  const showResponse = (): void => {
    fill('granted', grantedShown(compared(client.state.scope ?? '', granted())))
    fill('response', responseShown(client.state.tokenResponse ?? {}, client.getIdToken()))
    on('refresh', (button) => {
      button.disabled = stringAt(client.state, 'tokenResponse', 'refresh_token') === ''
      if (button.disabled)
        fill('refreshed', html`The app has no refresh token: <code>offline_access</code> was not granted.`)
    })
  }
  const showPatient = async (): Promise<void> => {
    const { id } = client.patient
    const mayRead = id !== null && permitsSome(granted(), 'patient/Patient.r')
    const patient = mayRead ? await client.request(`Patient/${id}`) : null
    fill('patient', patientShown(id, patient, client.state.tokenResponse ?? {}, client.user.fhirUser ?? null))
  }
  const show = (chart: Chart): void => {
    on('chart', (place) => {
      place.innerHTML = chartShown(chart, Math.max(place.clientWidth, 240)).html
    })
    fill('values', valuesShown(chart))
  }
  let draw = (): void => undefined
  window.addEventListener('resize', () => {
    draw()
  })
  const showObservations = async (): Promise<void> => {
    const { id } = client.patient
    draw = () => undefined
    fill('observations', observationsFrame)
    if (id === null || !permitsSome(granted(), 'patient/Observation.s')) {
      fill('observations', noObservations('not granted'))
      return
    }
    const pages = await allPages(client.request.bind(client), `Observation?patient=${id}&_count=100`)
    const charts = chartsOf(pages.resources)
    const [first] = charts
    if (first === undefined) {
      fill('observations', noObservations('none'))
      return
    }
    fill('choice', chartChoice(charts, pages))
    let current = first
    draw = () => {
      show(current)
    }
    on('choice', (place) => {
      place.addEventListener('change', () => {
        current = charts[Number(document.getElementsByName('chart')[0]?.value)] ?? first
        draw()
      })
    })
    draw()
  }
  /** The patient whose data are shown. The library may refresh the token in each request. */
  let shownPatient = client.patient.id
  const showAll = async (outcome: Html, isRepeated = false): Promise<void> => {
    const before = shownPatient
    try {
      on('results', (element) => {
        element.hidden = false
      })
      shownPatient = client.patient.id
      showResponse()
      await showPatient()
      await showObservations()
    } catch (thrown) {
      const problem = failure(thrown, 'The app could not read the data.')
      const now = client.patient.id
      // The library forgets the patient with a token that is refused.
      end(
        now === null || now === before ? problem : html`${patientChanged(before, client.patient.id)}${problem}`,
        false
      )
      return
    }
    const change = patientChanged(shownPatient, client.patient.id)
    if (client.patient.id === shownPatient) end(outcome, true)
    else if (isRepeated) end(change, false)
    else await showAll(change, true)
  }
  const refresh = async (): Promise<void> => {
    try {
      await client.refresh()
    } catch (thrown) {
      end(failure(thrown, 'The refresh failed.'), false)
      return
    }
    fill('refreshed', html`The app has a new access token.`)
    if (client.patient.id === shownPatient) showResponse()
    else await showAll(patientChanged(shownPatient, client.patient.id))
  }
  const signOut = async (): Promise<void> => {
    const problem = await revoked(window, client).catch((thrown: unknown) => problemOf(thrown).sentence)
    sessionStorage.clear()
    end(signedOut(problem), false)
  }
  on('refresh', (button) => {
    button.addEventListener('click', () => void refresh())
  })
  on('sign-out', (button) => {
    button.addEventListener('click', () => void signOut())
  })
  on('again', (link) => {
    link.href = `${link.href ?? ''}?${new URLSearchParams({ iss: client.state.serverUrl }).toString()}`
  })
  await showAll(html`<p class="quiet">The launch is complete.</p>`)
}

const browserWindow = globalThis as unknown as AppWindow
// This script is before the library, which is there when the page is complete.
const noticed = noticedErrors(browserWindow)
browserWindow.addEventListener('DOMContentLoaded', () => void begin(browserWindow, noticed))
