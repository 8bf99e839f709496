/**
 * The parts of fhirclient, and of the browser, that the sample app uses. The library is a script of its own before the
 * scripts of the app.
 *
 * @module
 */

/** A session of the library. */
export interface FhirClient {
  readonly state: {
    readonly serverUrl: string
    readonly clientId?: string
    readonly tokenUri?: string
    /** The scopes that the app requested. */
    readonly scope?: string
    readonly tokenResponse?: Readonly<Record<string, unknown>>
  }
  readonly patient: { readonly id: string | null }
  readonly user: { readonly fhirUser: string | null | undefined }
  readonly getIdToken: () => Readonly<Record<string, unknown>> | null
  readonly request: (url: string) => Promise<unknown>
  readonly refresh: () => Promise<unknown>
}

/** The library. */
export interface FhirLibrary {
  readonly oauth2: {
    readonly authorize: (options: Readonly<Record<string, string | boolean>>) => Promise<unknown>
    readonly ready: () => Promise<FhirClient>
  }
}

/** The part of an element that is used. */
export interface PageElement {
  innerHTML: string
  href?: string
  hidden: boolean
  disabled: boolean
  readonly value: string
  readonly clientWidth: number
  readonly dataset: Record<string, string | undefined>
  readonly addEventListener: (event: string, listener: () => void) => void
}

/** The part of the browser's window that is used. */
export interface AppWindow {
  readonly FHIR?: FhirLibrary
  readonly document: {
    readonly body: PageElement
    readonly getElementById: (id: string) => PageElement | null
    readonly getElementsByName: (name: string) => ArrayLike<PageElement>
  }
  readonly location: {
    readonly origin: string
    readonly search: string
    readonly replace: (url: string) => void
  }
  readonly sessionStorage: { readonly clear: () => void }
  /** The library reads it anew for each request. */
  fetch: (url: string, options?: RequestInit) => Promise<Response>
  readonly addEventListener: (event: string, listener: () => void) => void
}
