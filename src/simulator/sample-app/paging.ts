/**
 * All pages of a search, as far as the limit allows.
 *
 * @module
 */
import { items, part, stringAt } from './fhir-json.js'
import { simulatorLimits } from '../../values/limits/simulator.js'

/** What the pages hold. */
export interface Pages {
  readonly resources: ReadonlyArray<unknown>
  /** Whether the server has pages that were not requested. */
  readonly hasMore: boolean
}

/** Requests a search and follows its `next` links. */
export const allPages = async (request: (url: string) => Promise<unknown>, search: string): Promise<Pages> => {
  const resources: Array<unknown> = []
  let url = search
  for (let pages = 0; pages < simulatorLimits.sampleAppPages.default; pages += 1) {
    const bundle = await request(url)
    resources.push(...items(bundle, 'entry').map((entry) => part(entry, 'resource')))
    url = stringAt(
      items(bundle, 'link').find((link) => stringAt(link, 'relation') === 'next'),
      'url'
    )
    if (url === '') return { resources, hasMore: false }
  }
  return { resources, hasMore: true }
}
