/** Data for the pages of the simulator, as a host gives them. */
import type { ChoosePatientPage, ConsentPage, ErrorPage } from '../../../src/host/page-data.js'
import { scopesInWords } from '../../../src/host/scope-words.js'
import { readFields } from '../../../src/simulator/launch/launch-form.js'
import type { Desktop } from '../../../src/simulator/pages/desktop.js'
import type { LaunchPanel } from '../../../src/simulator/pages/launch.js'
import type { SignInView } from '../../../src/simulator/pages/sign-in.js'
import { contextUnderScopes } from '../../../src/protocol/grant/granted-context.js'
import { english } from '../../../src/scopes/explain/english.js'
import type { ExplainOptions } from '../../../src/scopes/explain/explain.js'
import { explainEach } from '../../../src/scopes/explain/explain.js'
import { parse } from '../../../src/scopes/parse.js'

const client = { id: 'pub-app', name: 'Public App', redirectOrigin: 'https://app.example' }
const form = { action: '/interaction/g', hiddenFields: '<input type="hidden" name="form_token" value="t">' }
const user = { sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 0 }

/** The data of the sign-in page. */
export const signInView = (change: Partial<SignInView> = {}): SignInView => ({
  client,
  cancel: form,
  mustSignInAgain: false,
  form,
  users: [],
  complaint: null,
  ...change
})

/** The data of the page to choose. */
export const choiceView = (change: Partial<ChoosePatientPage> = {}): ChoosePatientPage => ({
  ...form,
  client,
  user,
  needs: ['patient'],
  patients: [],
  preselected: null,
  complaint: null,
  search: '',
  ...change
})

/** The data of the consent page for these scopes. */
export const consentView = (change: Partial<ConsentPage>, scope: string, options: ExplainOptions = {}): ConsentPage => {
  const scopes = parse(scope)
  const { context = {}, ...others } = change
  const { denies, doesNotAllow } = explainEach(scopes, english, options)
  return {
    ...form,
    client,
    user,
    scopes: scopesInWords(scopes, options),
    doesNotAllow,
    reach: denies.includes('otherPatientsOrUser')
      ? 'patientAndUser'
      : denies.includes('otherPatients')
        ? 'patient'
        : 'wider',
    context: contextUnderScopes(scopes, context),
    patientName: null,
    isLaunchedByEhr: false,
    accessSeconds: 3600,
    renewalSeconds: 86400,
    ...others
  }
}

/** The data of the error page. */
export const errorView = (change: Partial<ErrorPage> = {}): ErrorPage => ({
  kind: 'refused',
  status: 400,
  message: 'This is wrong.',
  error: 'invalid_request',
  reference: null,
  retry: null,
  onward: null,
  ...change
})

/** The data of the launch page, before anything was chosen. */
export const panelView = (change: Partial<LaunchPanel> = {}): LaunchPanel => ({
  homePath: '',
  fields: readFields(new Map()),
  apps: [],
  users: [],
  patients: { shown: [], found: 0, page: 1, pages: 1 },
  chosen: null,
  encounters: [],
  release: '2.0.0',
  complaint: null,
  ...change
})

/** The data of the desktop. */
export const desktopView = (change: Partial<Desktop> = {}): Desktop => ({
  homePath: '',
  fhirBaseUrl: 'https://ehr.example/fhir',
  users: [],
  hasSampleApp: false,
  panel: panelView(),
  ...change
})
