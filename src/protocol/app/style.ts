/**
 * Style hints of an EHR (`smart_style_url`): the document, and its URL. Experimental in all releases of the guide.
 *
 * Source: scopes-and-launch-context, "Styling".
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Digest } from '../../values/secret.js'
import { below } from '../../values/urls.js'
import { isObject } from '../../values/object.js'

/** The properties that the guide defines. */
export const styleProperties = [
  'color_background',
  'color_error',
  'color_highlight',
  'color_modal_backdrop',
  'color_success',
  'color_text',
  'dim_border_radius',
  'dim_font_size',
  'dim_spacing_size',
  'font_family_body',
  'font_family_heading'
] as const

/** The style of an EHR: texts, any of which may be empty. */
export type Style = Partial<Readonly<Record<(typeof styleProperties)[number], string>>>

/** The reason why a document is not a style document. */
export interface StyleReadingError {
  readonly _tag: 'StyleReadingError'
  readonly expected: string
}

const wrong = (expected: string): Either.Either<StyleReadingError, Style> =>
  Either.left({ _tag: 'StyleReadingError', expected })

/**
 * Reads a style document with at least one property that the guide defines; other properties are omitted.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { readStyle } from './style.js'
 *
 * readStyle({ color_text: '#303030', mood: 'calm' }) // => Either.right({ color_text: '#303030' })
 * Either.isLeft(readStyle({ mood: 'calm' })) // => true
 * ```
 */
export const readStyle = (document: unknown): Either.Either<StyleReadingError, Style> => {
  if (!isObject(document)) return wrong('a JSON object')
  const members = styleProperties.flatMap((name) =>
    Object.hasOwn(document, name) ? [[name, document[name]] as const] : []
  )
  if (members.length === 0) return wrong(`at least one of ${styleProperties.join(', ')}`)
  const other = members.find(([, value]) => typeof value !== 'string')
  return other === undefined ? Either.right(Object.fromEntries(members)) : wrong(`a text as ${other[0]}`)
}

/**
 * The URL of a style document: below a base, with the digest of its bytes, because apps use the URL to detect a change
 * of the document.
 */
export const styleUrl = (base: string, digest: Digest): string => below(base, `${digest}.json`)

/** Whether a URL is that of the document with a digest, so that a host serves only what it published. */
export const isStyleUrlOf = (url: string, digest: Digest): boolean => url.endsWith(`/${digest}.json`)
