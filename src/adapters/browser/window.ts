/**
 * The part of a browser's window that the adapter uses.
 *
 * @module
 */
/** The part of `Storage` that is used. */
export interface TextStorage {
  /** The text under a key; null if there is none. */
  readonly getItem: (key: string) => string | null
  /** Stores a text under a key; throws if the storage is full. */
  readonly setItem: (key: string, text: string) => void
  /** Removes a text. */
  readonly removeItem: (key: string) => void
}

/** The part of `location` that is used. */
export interface BrowserLocation {
  /** The whole address. */
  readonly href: string
  /** The query with its question mark, or the empty string. */
  readonly search: string
  readonly pathname: string
  /** Leaves the page. */
  readonly assign: (url: string) => void
}

/** The part of `history` that is used. */
export interface BrowserHistory {
  /** What was given for this entry of the history. */
  readonly state?: unknown
  /** Changes the displayed address without leaving the page. */
  readonly replaceState: (data: unknown, unused: string, url: string) => void
}

/** The part of `document` that is used: enough to post a form. */
export interface BrowserDocument {
  /** Makes an element. */
  readonly createElement: (name: never) => unknown
  readonly body: {
    /** Adds an element to the page. */
    readonly append: (child: never) => void
  }
}

/** The form with which the browser is sent away by POST. */
export interface FormElement {
  method: string
  action: string
  readonly append: (child: never) => void
  readonly submit: () => void
}

/** A field of the form. */
export interface InputElement {
  type: string
  name: string
  value: string
}

/** The part of `window` that is used. */
export interface BrowserWindow {
  readonly sessionStorage: TextStorage
  readonly location: BrowserLocation
  readonly history: BrowserHistory
  readonly document: BrowserDocument
  /** The window itself, unless it is a frame. */
  readonly parent?: unknown
  /** The name of the window; a frame keeps it when it goes to another page. */
  name?: string
  /** Whether the browser offers WebCrypto to the page. */
  readonly isSecureContext?: boolean
  /** Tells when the page is shown again from the memory of the browser. */
  readonly addEventListener?: (type: 'pageshow', listener: () => void) => void
}
