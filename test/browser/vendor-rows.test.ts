/** Each situation that vendors and app authors reported in browsers, and the tests that hold it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** The situations, each with the titles of its tests. */
const rows: Readonly<Record<string, ReadonlyArray<readonly [file: string, title: string]>>> = {
  'a server app, two tabs, two patients: the first tab is loaded again': [
    ['end-to-end/app-example', 'shows each of two tabs its own patient, also when the first one is loaded again'],
    ['end-to-end/recipes/express', 'keeps two tabs apart, leads back to the session, and refuses other browsers'],
    ['browser/app', 'two tabs of one browser have launches and sessions of their own']
  ],
  'a page, two frames of one tab': [
    ['browser/sessions', 'two frames of one tab keep two patients, also when one is loaded again']
  ],
  'two apps for two servers in one page': [
    ['browser/vendors', 'two apps for two servers in one page send each request to their own server']
  ],
  'a server app in a frame of an EHR on another site': [
    ['browser/sessions', 'cookies of an embedded app come back in a frame of another site, and others do not'],
    [
      'browser/vendors',
      'the Express app of the documentation launches in a frame of another site with `isEmbedded` alone'
    ]
  ],
  'openid-configuration or keys without CORS': [
    ['browser/vendors', 'an issuer whose %s has no CORS is named, with the way out']
  ],
  'the redirect page loaded again, or Back': [
    [
      'browser/sessions',
      'a page that starts twice begins one launch; loaded again or gone back to, it has the same session'
    ]
  ],
  // The pages of that suite have the redirect URI `/?site=7`.
  'a redirect URI with its own query': [
    [
      'browser/sessions',
      'a page that starts twice begins one launch; loaded again or gone back to, it has the same session'
    ]
  ],
  'double effects of React': [
    ['browser/recipe-page', 'launches once, shows the patient, also when it is loaded again, and signs out']
  ],
  '`begin` on another origin than the redirect URI': [
    ['browser/sessions', 'a page on another origin than the redirect URI does not leave']
  ],
  'a PDF of a Binary': [['browser/vendors', 'a PDF of a Binary arrives as its bytes, and as a stream']],
  'next links with `:443`, capitals in the host, or an absolute path': [
    ['browser/vendors', 'next links in other spellings are followed, and those that lead elsewhere are not']
  ],
  'discovery answered by 301, 302, 307 of the same origin': [
    ['browser/vendors', 'discovery that is answered by %i of the same origin is named, with the way out']
  ],
  '200 with an OAuth error': [['browser/vendors', 'an OAuth error with status 200 is kept in the failure']],
  '429 with Retry-After': [
    ['browser/vendors', '429 with Retry-After is kept in the failure of a launch, and waited for by a read']
  ],
  'keys that rotate': [['browser/vendors', 'a key that the issuer changed is found at the second look']],
  'an ES384 key where only RS384 is listed': [
    ['browser/vendors', 'an ES384 key is refused before the browser leaves where only RS384 is listed']
  ]
}

const suites = join(import.meta.dirname, '..')

/** What is missing: a situation without a test, and a title that no test has. */
const missingIn = (table: typeof rows): ReadonlyArray<string> =>
  Object.entries(table).flatMap(([situation, tests]) =>
    tests.length === 0
      ? [situation]
      : tests
          .filter(([file, title]) => !readFileSync(join(suites, `${file}.test.ts`), 'utf8').includes(`'${title}'`))
          .map(([, title]) => title)
  )

it('every situation has its tests', () => {
  expect(Object.keys(rows)).toHaveLength(16)
  expect(missingIn(rows)).toEqual([])
  expect(missingIn({ nothing: [], wrong: [['browser/app', 'no such test']] })).toEqual(['nothing', 'no such test'])
})
