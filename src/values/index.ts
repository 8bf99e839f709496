/**
 * Definitions that all layers use: times, URLs, secrets, encodings.
 *
 * @module
 */
export * as time from './time.js'
export * as urls from './urls.js'
export * as keyRotation from './key-rotation.js'
export * as fhir from './fhir.js'
export * as object from './object.js'
export * as secret from './secret.js'
export * as base64url from './base64url.js'
export * as own from './own.js'
export * as json from './json.js'
export * as jsonNumbers from './json-numbers.js'
export * as shownText from './shown-text.js'
