/** Retired words: old names, UK spellings, literary titles and phrases that plain sentences do not need. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import * as typescript from 'typescript'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

/** The pages and folders in which retired names must not occur. */
const withoutRetiredNames = ['README.md', 'docs', 'src']

/** Pages that quote old names. */
const quoting = ['docs/CHANGELOG.md', 'test/architecture/words.test.ts', 'test/architecture/renames.test.ts']

/** The pages and folders whose comments and sentences are rewritten; widen the list with each one that follows. */
const rewritten = [
  'README.md',
  'docs/access-profiles.md',
  'docs/acting-types.md',
  'docs/adding-a-rule.md',
  'docs/app-errors.md',
  'docs/app-tolerances.md',
  'docs/app.md',
  'docs/apps',
  'docs/architecture.md',
  'docs/backend-service.md',
  'docs/conformance.md',
  'docs/CONTRIBUTING.md',
  'docs/database.md',
  'docs/decisions.md',
  'docs/discovery-rules.md',
  'docs/embedding.md',
  'docs/errors.md',
  'docs/fhir-access.md',
  'docs/fhir-interactions.md',
  'docs/glossary.md',
  'docs/fhir-server.md',
  'docs/fp-ts.md',
  'docs/hosts',
  'docs/limits.md',
  'docs/login.md',
  'docs/machines.md',
  'docs/policy.md',
  'docs/proof.md',
  'docs/scope-order.md',
  'docs/scope-vectors.md',
  'docs/scopes-for-researchers.md',
  'docs/scopes.md',
  'docs/SECURITY.md',
  'docs/simulator.md',
  'docs/troubleshooting.md',
  'src'
]

/** Names of before the renames, as whole words. */
const retiredNames = [
  'Arrival',
  'AskPolicy',
  'AskWhetherOnline',
  'AskedScopes',
  'AskingPolicy',
  'AskingWhetherOnline',
  'BackendCall',
  'CallbackDraw',
  'ClientsSilent',
  'ConsentArrived',
  'Conversing',
  'CryptographySilent',
  'EventUnexpected',
  'FhirBehind',
  'GenuineToken',
  'GrantJudgement',
  'JudgedServer',
  'Judgement',
  'JudgementCodec',
  'KeysSilent',
  'KnownMeeting',
  'LaunchDraw',
  'LaunchOffer',
  'LaunchSpentBefore',
  'LivingGrant',
  'Meeting',
  'NoRoom',
  'NoVersion1Spelling',
  'Occurrence',
  'Overheld',
  'Passage',
  'Passed',
  'Pinned',
  'PinnedCodec',
  'PolicySilent',
  'RedirectUriRegisteredNoMore',
  'Rejected',
  'RemovalAsked',
  'RevocationAsked',
  'ScopePermittedNoMore',
  'ScopeReadingError',
  'ScopeRegisteredNoMore',
  'ServerSilent',
  'SignatureJudged',
  'Spending',
  'Spoiling',
  'Storable',
  'StoreSilent',
  'Switch',
  'TokenAsked',
  'TokenRevocationAsked',
  'TokenWish',
  'TurnedAway',
  'Unrecognised',
  'UsersSilent',
  'Workshop',
  'WorldOptions',
  'aboutSomebody',
  'announcesIss',
  'answerWith',
  'askPolicy',
  'askedTypes',
  'authenticationCode',
  'barIn',
  'barsIn',
  'codePresented',
  'codePresentedAgain',
  'comesFrom',
  'contextFor',
  'defaultBudget',
  'demandsIn',
  'drawnTokens',
  'fhirAddress',
  'filingOf',
  'foreignFhir',
  'givenCode',
  'grantMeeting',
  'hadOf',
  'heardClients',
  'heardPorts',
  'heldNow',
  'heldStill',
  'holdUnsent',
  'importedOnce',
  'isAbout',
  'isElsewhere',
  'isTrouble',
  'isVouched',
  'issuerSilent',
  'judgeConfiguration',
  'judgeGrant',
  'judgeIssuer',
  'judgedWrite',
  'judgementOf',
  'keepUntil',
  'keysCame',
  'knownOf',
  'launchAddress',
  'launchFound',
  'launchNotFound',
  'launchSpent',
  'letsThrough',
  'localFhir',
  'meetingsOf',
  'membersOfOthers',
  'namesServer',
  'needOf',
  'newSetting',
  'newSpending',
  'newWorld',
  'noSealingKey',
  'noteDown',
  'nothingToSay',
  'openSealed',
  'openSigned',
  'openToken',
  'overheld',
  'passageOf',
  'pointedAt',
  'policySwitches',
  'rarestOf',
  'refreshTokenPresented',
  'refusedBecause',
  'saysAccessToken',
  'saysItsUse',
  'scopesRegisteredStill',
  'signatureJudged',
  'spoiling',
  'stillWithin',
  'tellApp',
  'toVersion1',
  'toVersion2',
  'tokenNeighbours',
  'tokenRevocationAsked',
  'toldMembers',
  'toldNow',
  'tooCostly',
  'troubled',
  'underOurBase',
  'verifierDerived',
  'waysInto',
  'withSharing',
  'withoutClosed',
  'withoutLoneFhirUser',
  'workshop',
  'workshopOf'
]

/** Beginnings of words in UK spelling, in lower case. */
const ukSpellings = [
  'analyse',
  'anonymis',
  'authoris',
  'behaviour',
  'catalogue',
  'centre',
  'colour',
  'customis',
  'defence',
  'favour',
  'honour',
  'initialis',
  'judgement',
  'labelled',
  'licence',
  'maximis',
  'minimis',
  'modelled',
  'neighbour',
  'normalis',
  'optimis',
  'organis',
  'pre-authoris',
  'recognis',
  'serialis',
  'summaris',
  'synchronis',
  'unauthoris',
  'unrecognis'
]

/** Phrases and titles, in lower case; each begins and ends at the boundary of a word. */
const retiredPhrases = [
  'a server around it',
  'anybody',
  'authentication code',
  'everybody',
  'front door',
  'front doors',
  'hears of',
  'is dead',
  'are dead',
  'nobody',
  "nobody's",
  'server behind',
  'somebody',
  'stranger',
  'strangers',
  'the floors',
  'the house',
  'vouch',
  'vouched',
  'vouches',
  'what is left to you',
  'whoever'
]

/**
 * Private words that standard terms replaced. They occur nowhere, neither as names nor in sentences, also not in the
 * tests and their titles.
 */
const retiredWords = [
  'accessPolicyAsked',
  'are dead',
  'asked',
  'is dead',
  'judged',
  'parameter-not-judged',
  'sealed',
  'sealing',
  'sealingKeys',
  'spent',
  'stays good',
  'tellDefect',
  'told',
  'unjudged',
  'unspent'
]

/** Members of stored records keep their names, so that earlier records can be read. */
const storedMembers = new Map([
  ['src/protocol/app/launch-tokens.ts', /\basked: null/g],
  ['src/protocol/app/session.ts', /\basked: /g],
  ['src/protocol/app/stored-app.ts', /\basked: nullable/g],
  ['test/unit/engine/store/stored-records.test.ts', /\basked: null/g],
  ['test/machines/app-session.test.ts', /\basked: null|tokens\.asked\b/g]
])

/** Names that members of stored records had in an earlier version: they are in one table. */
const earlierMembers = new Map([['src/engine/stored-record.ts', /\['\w+', '\w+'\]/g]])

interface Page {
  readonly path: string
  readonly text: string
}

const isRead = (path: string): boolean =>
  /\.(?:ts|md|mjs)$/.test(path) &&
  !/\/values\/fhir-[a-z0-9]+\//.test(path) &&
  !path.startsWith('docs/api/') &&
  !quoting.includes(path)

const pagesIn = (places: ReadonlyArray<string>): ReadonlyArray<Page> =>
  places
    .flatMap((place) =>
      statSync(join(root, place)).isFile()
        ? [join(root, place)]
        : readdirSync(join(root, place), { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name))
    )
    .map((file) => relative(root, file).split(sep).join('/'))
    .filter(isRead)
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
    .map(({ path, text }) => ({ path, text: text.replaceAll(earlierMembers.get(path) ?? /(?!)/g, '') }))

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const oneOf = (words: ReadonlyArray<string>): string => `(?:${words.map(escaped).join('|')})`

const names = new RegExp(`(?<![\\w$])${oneOf(retiredNames)}(?![\\w$])`, 'g')

const spellings = new RegExp(`(?<![a-z])${oneOf(ukSpellings)}[a-z]*`, 'gi')

const phrases = new RegExp(`(?<![a-z])${oneOf(retiredPhrases)}(?![a-z])`, 'gi')

const privateWords = new RegExp(`(?<![\\w$])${oneOf(retiredWords)}(?![\\w$])`, 'g')

const privateWordsIn = ({ path, text }: Page): ReadonlyArray<string> => {
  const stored = storedMembers.get(path)
  return found(privateWords, { path, text: flattened(stored === undefined ? text : text.replaceAll(stored, '')) })
}

/** A phrase may continue on the next line of a comment or of a list. */
const flattened = (text: string): string => text.replaceAll(/\s*\n\s*(?:\*(?!\/)|\/\/)?\s*/g, ' ')

const found = (pattern: RegExp, { path, text }: Page): ReadonlyArray<string> =>
  [...text.matchAll(pattern)].map(([word]) => `${path}: ${word}`)

/** Values of policy options that the guide's readers know by these words, and consent sentences for users. */
const fixedTexts = /normaliseToV2|anyAuthorised|of everybody(?: in the system)?|nobody can tell/g

const inProse = (page: Page): ReadonlyArray<string> => {
  const prose = { ...page, text: flattened(page.text).replaceAll(fixedTexts, '') }
  return [...found(spellings, prose), ...found(phrases, prose)]
}

/** The titles of the tests in a file. */
const titlesIn = ({ path, text }: Page): ReadonlyArray<string> => {
  const titles: Array<string> = []
  const visit = (node: typescript.Node): void => {
    if (typescript.isCallExpression(node) && /^(?:describe|it|test)\b/.test(node.expression.getText())) {
      const [title] = node.arguments
      if (title !== undefined && typescript.isStringLiteralLike(title)) titles.push(title.text)
    }
    typescript.forEachChild(node, visit)
  }
  visit(typescript.createSourceFile(path, text, typescript.ScriptTarget.ES2022, true))
  return titles
}

const stiffTitlesIn = (page: Page): ReadonlyArray<string> =>
  titlesIn(page).flatMap((title) => found(phrases, { path: page.path, text: title }))

describe('retired words', () => {
  it('do not occur in the titles of tests', () => {
    const pages = pagesIn(['test']).filter(({ path }) => !path.includes('/generated/'))
    expect(pages.flatMap(titlesIn).length).toBeGreaterThan(1000)
    expect(pages.flatMap(stiffTitlesIn)).toEqual([])
  })

  it('are noticed in the titles of tests', () => {
    const text = "describe('what nobody gave', () => { it.each([1])('is for %i strangers', () => 'nobody') })"
    expect(stiffTitlesIn({ path: 'planted.ts', text })).toEqual(['planted.ts: nobody', 'planted.ts: strangers'])
  })

  it('do not occur as names', () => {
    expect(pagesIn(withoutRetiredNames).flatMap((page) => found(names, page))).toEqual([])
  })

  it.each(rewritten)('do not occur in the sentences of %s', (place) => {
    const pages = pagesIn([place])
    expect(pages).not.toEqual([])
    expect(pages.flatMap(inProse)).toEqual([])
  })

  it('do not occur where standard terms replaced them, tests and their titles included', () => {
    expect(pagesIn([...withoutRetiredNames, 'test']).flatMap(privateWordsIn)).toEqual([])
  })

  it.each([
    ['a title', "it('is told to the log', f)", ['planted.ts: told']],
    ['a member', 'const text = conversation.asked.scopes', ['planted.ts: asked']],
    ['a phrase on two lines', '// The token stays\n// good.', ['planted.ts: stays good']],
    ['a part of another word', "it('is taskedly untold of masked values', f)", []]
  ])('are noticed in tests: %s', (_what, text, expected) => {
    expect(privateWordsIn({ path: 'planted.ts', text })).toEqual(expected)
  })

  it('are permitted as members of stored records only', () => {
    const text = 'const tokens = { asked: nullable(string) }'
    expect(privateWordsIn({ path: 'src/protocol/app/stored-app.ts', text })).toEqual([])
    expect(privateWordsIn({ path: 'src/protocol/app/failure.ts', text })).toHaveLength(1)
  })

  it.each([
    [
      'a retired name',
      'export const workshop: Workshop = serverContext',
      ['planted.ts: workshop', 'planted.ts: Workshop']
    ],
    ['a part of another name', 'const workshops = newWorkshop', []]
  ])('are noticed as names: %s', (_what, text, expected) => {
    expect(found(names, { path: 'planted.ts', text })).toEqual(expected)
  })

  it.each([
    ['a phrase', '/** Whoever asks. */', ['planted.ts: Whoever']],
    ['a phrase on two lines', '/**\n * The log\n * hears of it.\n */', ['planted.ts: hears of']],
    ['a title', '## What is left to you', ['planted.ts: What is left to you']],
    ['a UK spelling', '// unauthorised, and normalised', ['planted.ts: unauthorised', 'planted.ts: normalised']],
    ['plain sentences', '// The authorization server authorizes each request.', []]
  ])('are noticed in sentences: %s', (_what, text, expected) => {
    expect([...inProse({ path: 'planted.ts', text })].sort()).toEqual([...expected].sort())
  })
})
