import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { folderEdges, folders } from './layers.js'
import { refusalTableLines } from '../support/fhir/refusal-page.js'
import { misbehaviorsPage, simulatorPolicyLines } from '../support/simulator/misbehavior-page.js'
import { docs, note } from '../support/generated-page.js'
import { etcdSettingTexts } from '../../src/adapters/stores/etcd/etcd-settings.js'
import { postgresSettingTexts } from '../../src/adapters/stores/postgres/postgres-settings.js'
import { redisSettingTexts } from '../../src/adapters/stores/redis/redis-settings.js'
import { sqliteSettingTexts } from '../../src/adapters/stores/sqlite/sqlite-settings.js'
import { actingTypes } from '../../src/protocol/access/acting-types.js'
import type { AccessWay } from '../../src/protocol/access/profiles/profile.js'
import { accessProfiles } from '../../src/protocol/access/profiles/named-profiles.js'
import type { OperationRead, StandardOperation } from '../../src/protocol/access/operations/table.js'
import { standardOperations } from '../../src/protocol/access/operations/table.js'
import { drawings } from '../../src/protocol/diagram/machines.js'
import { mermaid } from '../../src/protocol/diagram/diagram.js'
import { appFailureTable } from '../../src/protocol/app/failure.js'
import { advertisedRules } from '../../src/protocol/app/readiness/advertised-rules.js'
import { issuerDocumentRules, publishedKeyRules } from '../../src/protocol/app/readiness/identity-rules.js'
import { capabilityStatementRules, crossOriginRules } from '../../src/protocol/app/readiness/page-rules.js'
import { toleranceTable } from '../../src/protocol/app/trust/tolerances.js'
import { policyOptions } from '../../src/protocol/policy/policy.js'
import { errorUri, sourceUrl } from '../../src/protocol/errors/refusal.js'
import { refusalTable } from '../../src/protocol/errors/refusal-table.js'
import { configurationRules } from '../../src/protocol/discovery/smart-configuration-rules.js'
import { parse } from '../../src/scopes/parse.js'
import { subsumption } from '../../src/scopes/subsumes.js'
import { limits } from '../../src/values/limits/limits.js'
import { files as tables } from '../setup/generate-vocabulary.mjs'

const machinesPage = (): string =>
  [
    '# The machines',
    '',
    note,
    'Arrows that change nothing are left out here; `smart-app-launch machines --format dot` draws them too.',
    'States from which an arrow leads to the black dot are final: no event leaves them.',
    ...drawings.flatMap((drawing) => [
      '',
      `## ${drawing.name}`,
      '',
      `${String(drawing.states.length)} states, ${String(drawing.edges.length)} arrows in the table.`,
      '',
      '```mermaid',
      mermaid(drawing),
      '```'
    ]),
    ''
  ].join('\n')

const errorsPage = (): string =>
  [
    '# Every refusal',
    '',
    note,
    'The peer sees error, description and source; the log sees the name and the advice.',
    '',
    '| refusal | OAuth error | status | shown to | description | advice for the log | source |',
    '|---|---|---|---|---|---|---|',
    ...Object.entries(refusalTable).map(
      ([tag, row]) =>
        `| \`${tag}\` | \`${row.error}\` | ${String(row.status)} | ${row.shown.join(', ')} | ${row.description}` +
        ` | ${row.advice} | [${row.anchor}](${errorUri(row)}) |`
    ),
    ''
  ].join('\n')

const appErrorsPage = (): string =>
  [
    '# Every failure of an app',
    '',
    note,
    'These are the `AppFailure`s of `smart-app-launch/app`. None carries a secret.',
    '',
    '| failure | what it means | what to do | source |',
    '|---|---|---|---|',
    ...Object.entries(appFailureTable).map(
      ([tag, { description, advice, source }]) => `| \`${tag}\` | ${description} | ${advice} | ${source} |`
    ),
    ''
  ].join('\n')

const failureMarks = ['<!-- failures: written by `npm run docs:write` -->', '<!-- failures: end -->'] as const

/** The page docs/app.md with the table of failures written anew; the rest of the page is left as it is. */
const appPage = (): string => {
  const [begin, end] = failureMarks
  const [before = '', ...behind] = readFileSync(join(docs, 'app.md'), 'utf8').split(begin)
  const [, after = ''] = behind.join(begin).split(end)
  const rows = Object.entries(appFailureTable).map(([tag, { settings, tolerances }]) => {
    const names = [...tolerances.map((name) => `tolerances.${name}`), ...settings]
    return `| \`${tag}\` | ${names.length === 0 ? 'none' : names.map((name) => `\`${name}\``).join(', ')} |`
  })
  return [`${before}${begin}`, '', '| failure | settings |', '|---|---|', ...rows, '', `${end}${after}`].join('\n')
}

const tolerancesPage = (): string =>
  [
    '# Deviations of servers that an app can accept',
    '',
    note,
    'These are the members of `tolerances` of a trusted server. Each holds for that server alone, and is off by',
    'default unless its risk says otherwise.',
    '',
    '| tolerance | example | what the app accepts | risk | failures that it prevents | relaxed rule |',
    '|---|---|---|---|---|---|',
    ...Object.entries(toleranceTable).map(
      ([name, { example, allows, risk, failures, source }]) =>
        `| \`${name}\` | \`${example}\` | ${allows} | ${risk} | ` +
        `${failures.map((tag) => `\`${tag}\``).join(', ')} | ${source} |`
    ),
    ''
  ].join('\n')

const storeSettingsPage = (): string =>
  [
    '# Settings of stores',
    '',
    note,
    'A store is not opened with another value. `acceptUnsafe` accepts the settings that are marked, by name.',
    ...(
      [
        ['PostgreSQL', postgresSettingTexts],
        ['Redis and Valkey', redisSettingTexts],
        ['SQLite', sqliteSettingTexts],
        ['etcd', etcdSettingTexts]
      ] as const
    ).flatMap(([engine, settings]) => [
      '',
      `## ${engine}`,
      '',
      '| setting | required | with another value | can be accepted |',
      '|---|---|---|---|',
      ...settings.map(
        ({ setting, required, risk, isAcceptable }) =>
          `| \`${setting}\` | ${required} | ${risk} | ${isAcceptable ? 'yes' : 'no'} |`
      )
    ]),
    ''
  ].join('\n')

/** The words of a switch, its default first; or what its codec is called. */
const choicesOf = (codec: { readonly name: string }): string => codec.name.replaceAll('"', '`').replaceAll(' | ', ', ')

/** A section of the guide or of an RFC as a link; other sources as they are. */
const linkedSource = (source: string): string => {
  if (/^[a-z0-9-]+#[a-z0-9._-]+$/.test(source)) return `[${source}](${sourceUrl(source)})`
  return /^rfc[0-9]+$/.test(source) ? `[${source}](https://www.rfc-editor.org/rfc/${source})` : source
}

const policyPage = (): string =>
  [
    '# Policy options',
    '',
    note,
    'Contradictory options are refused by name when the server is created.',
    '',
    '| option | values | default | meaning | source of the choice |',
    '|---|---|---|---|---|',
    ...Object.entries(policyOptions).map(
      ([name, { codec, default: defaultValue, description: means, sources }]) =>
        `| \`${name}\` | ${choicesOf(codec)} | \`${String(defaultValue)}\` | ${means} | ` +
        `${sources.map(linkedSource).join('; ')} |`
    ),
    ''
  ].join('\n')

/** Scope sets for the picture, small enough to be looked at. */
const pictured = [
  'patient/*.rs',
  'patient/*.r',
  'patient/Observation.rs',
  'patient/Observation.r',
  'patient/Observation.s',
  'patient/*.r?category=a',
  'patient/Observation.rs?category=a',
  'patient/Observation.rs?category=a,b',
  'patient/Observation.r?category=x|a',
  'user/Observation.r'
]

const isBelow = (lower: string, upper: string): boolean => {
  const answer = subsumption(parse(upper), parse(lower))
  return lower !== upper && Either.isRight(answer) && answer.right
}

/** The arrows from each set to those that include it, but for those that follow from others. */
const hasseArrows = (): ReadonlyArray<readonly [string, string]> =>
  pictured.flatMap((lower) =>
    pictured
      .filter(
        (upper) =>
          isBelow(lower, upper) && !pictured.some((between) => isBelow(lower, between) && isBelow(between, upper))
      )
      .map((upper) => [lower, upper] as const)
  )

const nameInPicture = (text: string): string => `s${String(pictured.indexOf(text))}`

const scopeOrderPage = (): string =>
  [
    '# Some scopes, ordered by what they permit',
    '',
    note,
    'An arrow leads from a scope to one that includes it; what follows from two arrows is not drawn.',
    '',
    '```mermaid',
    'graph BT',
    ...pictured.map((text) => `  ${nameInPicture(text)}["${text}"]`),
    ...hasseArrows().map(([lower, upper]) => `  ${nameInPicture(lower)} --> ${nameInPicture(upper)}`),
    '```',
    ''
  ].join('\n')

const readinessTables = [
  ['What the SMART configuration advertises', advertisedRules],
  ["The issuer's document", issuerDocumentRules],
  ['Keys of id_tokens', publishedKeyRules],
  ['What a web page can read (CORS)', crossOriginRules],
  ['The CapabilityStatement', capabilityStatementRules]
] as const

const discoveryPage = (): string =>
  [
    '# What `smart-app-launch check` looks at',
    '',
    note,
    'A finding of severity `error` gives exit code 1.',
    '',
    '## The SMART configuration',
    '',
    'Each row is a rule about the `.well-known/smart-configuration` of a server; ' +
      'the first column names the requirement.',
    '',
    '| requirement | severity | member | finding | advice | rule | source |',
    '|---|---|---|---|---|---|---|',
    ...configurationRules.map(
      ({ finding: { requirement, severity, at, message, advice, rule, source } }) =>
        `| ${requirement ?? ''} | ${severity} | \`${at}\` | ${message} | ${advice} | \`${rule}\` | ${source} |`
    ),
    ...readinessTables.flatMap(([heading, rules]) => [
      '',
      `## ${heading}`,
      '',
      '| rule | severity | place | finding | advice | source |',
      '|---|---|---|---|---|---|',
      ...rules.map(({ finding: { rule, severity, document, at, message, advice, source, requirement } }) => {
        const place = at === '' ? document : `${document}, \`${at}\``
        const origin = requirement === null ? source : `${source} (${requirement})`
        return `| \`${rule}\` | ${severity} | ${place} | ${message} | ${advice} | ${origin} |`
      })
    ]),
    ''
  ].join('\n')

const limitsPage = (): string =>
  [
    '# Limits',
    '',
    note,
    'Each row limits what one peer can make the toolkit read, compute, store or request. `test/limits` tests each',
    'limit from below and from above.',
    '',
    '| limit | subject | what is limited | default | setting | beyond the limit |',
    '|---|---|---|---|---|---|',
    ...Object.entries(limits).map(
      ([name, { subject, what, unit, default: defaultValue, setting, beyond }]) =>
        `| \`${name}\` | ${subject} | ${what} | ${defaultValue.toLocaleString('en-US')} ${unit} | ` +
        `${setting ?? 'none'} | ${beyond} |`
    ),
    ''
  ].join('\n')

const actingTypesPage = (): string =>
  [
    '# Resource types that make a FHIR server act',
    '',
    note,
    '`user/` and `patient/` scopes do not give the permissions in the column `closed`, neither by type name nor by',
    'wildcard, unless the host lists the type in `actingTypes` of its `features.resourceSide`, from which the rules of',
    "its gate are derived (`accessRulesOf`). `system/` scopes belong to the host's own services and give these",
    'permissions. A type that is not listed is a plain record; only the scope decides.',
    '',
    '| type | action of the server | closed | reason | page of FHIR |',
    '|---|---|---|---|---|',
    ...Object.entries(actingTypes).map(
      ([type, { does, closed, because, source }]) =>
        `| \`${type}\` | It ${does}. | ` +
        `${closed.length === 0 ? 'nothing' : closed.map((one) => `\`${one}\``).join(', ')} | ${because} | ` +
        `${source} |`
    ),
    ''
  ].join('\n')

const wayInWords = (by: AccessWay): string => {
  if (by === 'shared') return 'shared with all patients'
  if ('compartment' in by) return `of the patient in ${by.compartment.map((name) => `\`${name}\``).join(', ')}`
  if ('target' in by) return `by the resource in \`${by.target}\``
  return `by a document that names it: ${by.documents.map(({ path, type }) => `\`${type}.${path}\``).join(', ')}`
}

const accessProfilesPage = (): string =>
  [
    '# Access profiles',
    '',
    note,
    'What `patient/` scopes read and search beside the patient compartment of FHIR R4. The setting `accessProfile`',
    'takes one of these names, or rows of the host ([fhir-access.md](fhir-access.md#access-profiles)). No profile',
    'opens writing.',
    ...Object.entries(accessProfiles).flatMap(([name, rows]) => [
      '',
      `## \`${name}\``,
      '',
      ...(rows.length === 0
        ? ['It adds nothing.']
        : [
            '| type | permissions | opened | reason | source |',
            '|---|---|---|---|---|',
            ...rows.map(
              ({ because, by, permissions, source, type }) =>
                `| \`${type}\` | ${permissions.map((one) => `\`${one}\``).join(', ')} | ${wayInWords(by)} | ` +
                `${because} | ${source} |`
            )
          ])
    ]),
    ''
  ].join('\n')

const listed = (names: ReadonlyArray<string>): string => names.map((one) => `\`${one}\``).join(', ')

/** The address of an operation below the base, with its level. */
const operationAddress = ({ level, type, name }: StandardOperation): string =>
  [...(level === 'system' ? [] : [type ?? 'Type']), ...(level === 'instance' ? ['id'] : []), `$${name}`].join('/')

const readInWords = (read: OperationRead): string => {
  if (read.how === 'focus') return 'the resource in the URL: `r`'
  if (read.how === 'named') return 'nothing stored; any permission for the type'
  const type = read.type === '*' ? 'every type' : (read.type ?? 'the type in the URL')
  return read.how === 'shown'
    ? `what it shows of ${type}: \`${read.permission}\``
    : `${type}: \`${read.permission}\` without a limit`
}

const operationsPage = (): string =>
  [
    '# Operations at the gate',
    '',
    note,
    'What a token needs for each operation. Where an operation shows resources, each is checked. `without a limit`',
    'means a scope without a query, a patient or a user. A token with a limit may use the listed parameters only. An',
    'operation that is not listed is denied unless the host maps it ([fhir-access.md](fhir-access.md#operations)).',
    '',
    '| operation | method | reads | writes | response | parameters | source |',
    '|---|---|---|---|---|---|---|',
    ...standardOperations.map(
      (row) =>
        `| \`${operationAddress(row)}\` | ${row.takesGet ? 'GET, POST' : 'POST'} | ` +
        `${row.reads.map(readInWords).join('; ') || 'nothing'} | ` +
        `${row.writes.length === 0 ? 'nothing' : `${listed(row.writes)} without a limit`} | ${row.response} | ` +
        `${listed(row.parameters)}${row.takesSearch === true ? ', search parameters' : ''} | ${row.source} |`
    ),
    ''
  ].join('\n')

const sources = (): ReadonlyArray<{ readonly path: string; readonly text: string }> => {
  const source = join(docs, '..', 'src')
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(source, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }))
}

/** The edges that do not follow from others: a picture of all of them could not be read. */
const neededEdges = (edges: ReadonlyMap<string, ReadonlyArray<string>>): ReadonlyArray<readonly [string, string]> => {
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set<string>()
    const waiting = [...(edges.get(from) ?? [])]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (next === to) return true
      if (!seen.has(next)) waiting.push(...(edges.get(next) ?? []))
      seen.add(next)
    }
    return false
  }
  return [...edges].flatMap(([from, targets]) =>
    targets
      .filter((to) => !targets.some((other) => other !== to && reaches(other, to)))
      .map((to) => [from, to] as const)
  )
}

const idOf = (path: string): string => path.replace(/[^a-z0-9]/g, '_')

/** The picture and the table of folders, from the imports of the sources. */
const foldersSection = (): string => {
  const edges = folderEdges(sources())
  return [
    'An arrow leads from a folder to one that it imports. Arrows that follow from others are left out.',
    '',
    '```mermaid',
    'flowchart TB',
    ...folders.toReversed().map(({ path }) => `  ${idOf(path)}["${path}"]`),
    ...neededEdges(edges).map(([from, to]) => `  ${idOf(from)} --> ${idOf(to)}`),
    '```',
    '',
    '| folder of `src/` | subject | imports |',
    '|---|---|---|',
    ...folders
      .toReversed()
      .map(
        ({ path, subject }) =>
          `| \`${path}\` | ${subject} | ${(edges.get(path) ?? []).map((one) => `\`${one}\``).join(', ') || 'nothing'} |`
      )
  ].join('\n')
}

/** A written page with its generated section: what stands between the two comments. */
const withSection = (page: string, name: string, section: string): string =>
  readFileSync(join(docs, page), 'utf8').replace(
    new RegExp(`(<!-- generated: ${name} -->\n)[^]*?(<!-- end of generated -->)`),
    (_whole, begin: string, end: string) => `${begin}${section}\n${end}`
  )

const architecturePage = (): string => withSection('architecture.md', 'folders', foldersSection())

const fhirAccessPage = (): string => withSection('fhir-access.md', 'refusals', refusalTableLines.join('\n'))

const simulatorPage = (): string => withSection('simulator.md', 'policy', simulatorPolicyLines.join('\n'))

describe('generated pages', () => {
  it.each(Object.entries(tables))('%s is what its script writes', (path, text) => {
    expect(readFileSync(join(docs, '..', path), 'utf8')).toBe(text)
  })

  it.each([
    ['architecture.md', architecturePage],
    ['fhir-access.md', fhirAccessPage],
    ['simulator.md', simulatorPage],
    ['misbehaviors.md', misbehaviorsPage],
    ['machines.md', machinesPage],
    ['errors.md', errorsPage],
    ['app-errors.md', appErrorsPage],
    ['app.md', appPage],
    ['app-tolerances.md', tolerancesPage],
    ['limits.md', limitsPage],
    ['store-settings.md', storeSettingsPage],
    ['acting-types.md', actingTypesPage],
    ['access-profiles.md', accessProfilesPage],
    ['operations.md', operationsPage],
    ['policy.md', policyPage],
    ['scope-order.md', scopeOrderPage],
    ['discovery-rules.md', discoveryPage]
  ])('docs/%s is up to date', async (name, page) => {
    await expect(page()).toMatchFileSnapshot(join(docs, name))
  })
})
