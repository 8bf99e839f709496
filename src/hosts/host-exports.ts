/**
 * What every framework's entry point has beside its middleware: the host as a value, and what its pages need.
 *
 * @module
 */
export { escapeHtml } from '../host/html.js'
export type { HostOrOptions } from './hosted.js'
export type { DefectOptions } from '../adapters/answerer.js'
export type { HostOptions, HostPagesOf, RememberedConsentOptions } from '../host/host-options.js'
export type {
  AskingClient,
  ChoosePatientPage,
  ConnectedApp,
  ConnectedAppsPage,
  ConsentPage,
  ErrorPage,
  PageAnswer,
  PageForm,
  PageOf,
  PatientChoice,
  ScopeInWords,
  SignInPage
} from '../host/page-data.js'
export type { SignedInUser } from '../protocol/launch/launch-context.js'
export { smartHost } from '../host/smart-host.js'
export type { HostFunctions, HostLaunch, SmartHost, SmartHostOptions } from '../host/smart-host.js'
