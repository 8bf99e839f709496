/**
 * Transactions through the gate: every entry is checked before anything is written, every write goes to the version
 * that was checked, and the upstream server handles the writes as one transaction. Reads come last, as in FHIR, one by
 * one.
 *
 * Conditional entries are refused: the result of their search may change before the server runs it. Source: FHIR R4,
 * http.html, 3.1.0.11.2.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { entriesOf, isWriteSuccess, memoryExceeded, refusalBy, resourceIn, writeUnknown } from './responses.js'
import { upstreamRefused } from './upstream-answer.js'
import { newBundle } from './batch-response.js'
import type { GateContext, GateResult } from './gate-context.js'
import { publicEntry } from './public-urls.js'
import type { Stored, Write } from './write.js'
import { guardOf, isWriting, checkedWrite, storedFor } from './write.js'
import type { StopReason } from './cost.js'
import { alternativesIn } from '../../protocol/access/alternatives.js'
import type { BundleEntry, FhirInteraction } from '../../protocol/access/fhir-interaction.js'
import { openingScope, operationWrites } from '../../protocol/access/operations/decide-operation.js'
import { permittedAmong } from '../../protocol/access/permitted.js'
import { releaseIn } from '../../protocol/access/release.js'
import { indexReader } from '../../protocol/access/search/search-index.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import type { Rule } from '../../protocol/machine/rules.js'
import { firstRefusal } from '../../protocol/machine/rules.js'
import { noMembers } from '../../values/own.js'

/** A checked write. */
interface CheckedWrite {
  /** The write as an entry of the transaction that is sent. */
  readonly entry: Readonly<Record<string, unknown>>
  /** Whether the token may read the stored version before the write, if there is one. */
  readonly isBeforeShown: boolean
}

type CheckedEntry = Either.Either<PlainResponse, CheckedWrite>

/** The checked writes of a transaction. */
interface CheckedWrites {
  /** The text of the transaction to send. */
  readonly body: string
  /** See {@link CheckedWrite}; in the order of the writes. */
  readonly areBeforeShown: ReadonlyArray<boolean>
}

const idOf = (write: Write): string | null =>
  write._tag !== 'Create' && write.target._tag === 'Id' ? write.target.id : null

const isConditional = (write: Write): boolean =>
  write._tag === 'Create' ? write.condition !== null : write.target._tag === 'Condition'

const isUrn = (text: string): boolean => /^urn:(?:uuid|oid):/.test(text)

/** An entry that writes. */
type WriteEntry = BundleEntry & { readonly interaction: Write }

const isWrite = (entry: BundleEntry): entry is WriteEntry => isWriting(entry.interaction)

const checkedEntry = (
  gateContext: GateContext,
  names: ReadonlyMap<string, string>,
  entry: WriteEntry
): TaskEither.TaskEither<StopReason, CheckedEntry> => {
  const { interaction, request, fullUrl } = entry
  const id = idOf(interaction)
  // With any other fullUrl the server could resolve a reference differently from the gate.
  const named = fullUrl !== null && isUrn(fullUrl) ? { fullUrl } : {}
  const stored: TaskEither.TaskEither<StopReason, Either.Either<PlainResponse, Stored | null>> = id === null
    ? TaskEither.right(Either.right(null))
    : storedFor(gateContext, interaction, id)
  return pipe(
    stored,
    TaskEither.map(
      Either.chain((found) =>
        pipe(
          checkedWrite(gateContext, interaction, id ?? '', found, request),
          Either.chain((resource) =>
            Either.map((guard: object) => ({
              isBeforeShown: found === null || gateContext.mayShow(found.resource),
              entry: {
                ...named,
                ...(resource === null ? {} : { resource: written(resource, names) }),
                request: {
                  method: interaction._tag === 'Create' ? 'POST' : interaction._tag === 'Delete' ? 'DELETE' : 'PUT',
                  url: id === null ? interaction.type : `${interaction.type}/${id}`,
                  ...(id === null ? {} : guard)
                }
              }
            }))(guardOf(found))
          )
        )
      )
    )
  )
}

/**
 * The references that the `urn:uuid:` addresses of the entries stand for. A new resource has no id yet, so it gets a
 * placeholder that cannot be the id of a stored resource.
 */
const namesIn = (writes: ReadonlyArray<WriteEntry>): ReadonlyMap<string, string> =>
  new Map(
    writes.flatMap(({ fullUrl, interaction }, index) =>
      fullUrl === null || !isUrn(fullUrl)
        ? []
        : [[fullUrl, `${interaction.type}/${idOf(interaction) ?? `new:${String(index)}`}`] as const]
    )
  )

/** The members whose text a server replaces by what an entry becomes: references, and the addresses of attachments. */
const replacedMembers: ReadonlySet<string> = new Set(['reference', 'url'])

/**
 * A resource in which each reference with a known id is replaced: what is checked is what is stored, however the server
 * resolves references.
 *
 * Source: FHIR R4, http.html#trules (resolution of `urn:uuid:` in Reference, uri and url elements).
 */
const written = (value: unknown, names: ReadonlyMap<string, string>): unknown => {
  if (Array.isArray(value)) return value.map((one: unknown) => written(one, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]: [string, unknown]) => {
      const known = replacedMembers.has(member) && typeof inner === 'string' ? names.get(inner) : undefined
      return [member, known === undefined || known.includes(':') ? written(inner, names) : known]
    })
  )
}

/** A gate context that resolves the `urn:uuid:` addresses of the entries. */
const resolvingUrns = (gateContext: GateContext, entries: ReadonlyMap<string, string>): GateContext => {
  const rules = gateContext.options.rules ?? noMembers
  // A new resource opens nothing that exists, so only entries with an id count where a document names a resource.
  const stored = new Map([...entries].filter(([, target]) => !target.includes(':')))
  const evaluation = {
    ...gateContext.evaluation,
    references: { ...gateContext.references, entries: stored },
    read: (gateContext.options.reader ?? indexReader)({ ...gateContext.references, entries }, releaseIn(rules))
  }
  const may = permittedAmong(alternativesIn(gateContext.facts, rules), releaseIn(rules).types, evaluation)
  return { ...gateContext, evaluation, may: (permission, resource, before = null) => may(permission, resource, before) }
}

/** The transaction to send; or the refusal. */
const sent =
  (
    gateContext: GateContext,
    names: ReadonlyMap<string, string>,
    writes: ReadonlyArray<WriteEntry>
  ): TaskEither.TaskEither<StopReason, Either.Either<PlainResponse, CheckedWrites>> =>
  async () => {
    const texts: Array<string> = []
    const areBeforeShown: Array<boolean> = []
    for (const entry of writes) {
      const outcomes = await checkedEntry(gateContext, names, entry)()
      if (Either.isLeft(outcomes)) return outcomes
      if (Either.isLeft(outcomes.right)) return Either.right(outcomes.right)
      const text = JSON.stringify(outcomes.right.right.entry)
      const beyond = gateContext.budget.hold(text.length)
      if (beyond !== null) return Either.right(Either.left(memoryExceeded(beyond)))
      texts.push(text)
      areBeforeShown.push(outcomes.right.right.isBeforeShown)
    }
    const body = `{"resourceType":"Bundle","type":"transaction","entry":[${texts.join(',')}]}`
    return Either.right(Either.right({ body, areBeforeShown }))
  }

/** The response entries of the writes, with resources only if the token may read them and what was stored before. */
const writtenEntries = (
  gateContext: GateContext,
  response: PlainResponse,
  areBeforeShown: ReadonlyArray<boolean>
): ReadonlyArray<WrittenEntry> => {
  const bundle = resourceIn(response)
  const entries = bundle === null ? [] : entriesOf(bundle)
  const isShown = (place: number): boolean => entries.length === areBeforeShown.length && areBeforeShown[place] === true
  return bundle === null
    ? []
    : entries
        .map((entry) => publicEntry(gateContext.options, entry))
        .map(({ response: member, resource }, place) => ({
          status: Number(/^[1-5][0-9]{2}(?= |$)/.exec(String(member?.['status']))?.[0] ?? 200),
          text: JSON.stringify({
            response: Object.fromEntries(
              ['status', 'location', 'etag', 'lastModified'].flatMap((name) =>
                member !== undefined && Object.hasOwn(member, name) ? [[name, member[name]]] : []
              )
            ),
            ...(resource !== undefined && isShown(place) && gateContext.mayShow(resource) ? { resource } : {})
          })
        }))
}

/** The response entry of a write, and its status. */
interface WrittenEntry {
  readonly status: number
  readonly text: string
}

/** The response entry of a write for which the server gave none. */
const done: WrittenEntry = { status: 200, text: '{"response":{"status":"200"}}' }

/**
 * The response to a transaction that the server refuses. Its issues pass if the token may read all that is written; the
 * places in the Bundle pass if the server got the entries at the places that they have in the request.
 */
const refusalOf = (
  gateContext: GateContext,
  response: PlainResponse,
  entries: ReadonlyArray<BundleEntry>,
  { body, areBeforeShown }: CheckedWrites
): PlainResponse => {
  const isReadable = ({ interaction }: BundleEntry): boolean =>
    interaction._tag === 'Create' || interaction._tag === 'Update'
      ? gateContext.may('r', interaction.resource)
      : interaction._tag !== 'Patch'
  const areAllWrites = areBeforeShown.length === entries.length
  const isAllShown = areBeforeShown.every((isShown) => isShown) && entries.every(isReadable)
  return upstreamRefused(gateContext, response, isAllShown && areAllWrites ? 'request' : 'code', body)
}

interface TransactionFacts {
  readonly entries: ReadonlyArray<BundleEntry>
  /** Whether the operation of an entry only reads. */
  readonly onlyReads: (interaction: BundleEntry['interaction']) => boolean
  readonly writes: ReadonlyArray<WriteEntry>
}

const hasDuplicates = (texts: ReadonlyArray<string>): boolean => new Set(texts).size < texts.length

/** The rules of a transaction that need no look at stored data. */
export const transactionRules: ReadonlyArray<Rule<TransactionFacts, PlainResponse>> = [
  {
    name: 'no-conditional-write',
    check: ({ writes }) =>
      writes.some(({ interaction }) => isConditional(interaction))
        ? refusalBy('no-conditional-write', 422, 'not-supported')
        : null
  },
  {
    // Its effect is not known before, and could not be taken back.
    name: 'no-writing-operation',
    check: ({ entries, onlyReads }) =>
      entries.some(({ interaction }) => interaction._tag === 'Operation' && !onlyReads(interaction))
        ? refusalBy('no-writing-operation', 422, 'not-supported')
        : null
  },
  {
    name: 'urns-distinct',
    check: ({ entries }) =>
      hasDuplicates(entries.flatMap(({ fullUrl }) => (fullUrl !== null && isUrn(fullUrl) ? [fullUrl] : [])))
        ? refusalBy('urns-distinct', 400, 'invalid')
        : null
  },
  {
    name: 'written-resources-distinct',
    check: ({ writes }) =>
      hasDuplicates(
        writes.flatMap(({ interaction }) =>
          idOf(interaction) === null ? [] : [`${interaction.type}/${idOf(interaction) ?? ''}`]
        )
      )
        ? refusalBy('written-resources-distinct', 400, 'invalid')
        : null
  }
]

/**
 * A transaction through the gate; `answer` handles an entry that does not write. Before the writes are sent, it can
 * stop at any time, and nothing is written. After they are sent, the server handles them as one, even if the client has
 * left; if a later read exceeds a limit, its entry contains the refusal. `tell` gets each write that took effect, and
 * each entry that was not handled, for the audit events.
 */
export const transaction = (
  gateContext: GateContext,
  entries: ReadonlyArray<BundleEntry>,
  answer: (entry: BundleEntry) => Task.Task<PlainResponse>,
  tell: (interaction: FhirInteraction, response: PlainResponse) => void
): GateResult => {
  const writes = entries.filter(isWrite)
  const onlyReads: TransactionFacts['onlyReads'] = (interaction) =>
    interaction._tag === 'Operation' &&
    operationWrites(interaction, gateContext.options.rules ?? noMembers) === false &&
    openingScope(gateContext.facts, interaction, gateContext.options.rules ?? noMembers) === undefined
  const refused = firstRefusal(transactionRules, { entries, writes, onlyReads })
  if (refused !== null) return TaskEither.right(refused)
  const names = namesIn(writes)
  const within = resolvingUrns(gateContext, names)
  const { budget } = gateContext
  /** All response entries in request order: those of the writes exist already, the others are read now. */
  const answered =
    (written: ReadonlyArray<WrittenEntry>): GateResult =>
    async () => {
      const bundle = newBundle('transaction-response', budget, (interaction, _decision, response) => {
        tell(interaction, response)
      })
      let place = 0
      for (const entry of entries) {
        if (isWrite(entry)) {
          const { status, text } = written[place++] ?? done
          bundle.addWritten(text, done.text)
          tell(entry.interaction, { status, headers: {}, body: '' })
        } else await bundle.add(entry, answer(entry))
      }
      return Either.right(bundle.response())
    }
  const send = (body: string): TaskEither.TaskEither<StopReason, PlainResponse> =>
    gateContext.ask({ method: 'POST', path: '/', body, headers: { prefer: 'return=representation' } })
  return pipe(
    writes.length === 0
      ? TaskEither.right<StopReason, Either.Either<PlainResponse, ReadonlyArray<WrittenEntry>>>(Either.right([]))
      : budget.whileHolding(
          pipe(
            sent(within, names, writes),
            TaskEither.chain(
              Either.match(
                (refusal) =>
                  TaskEither.right<StopReason, Either.Either<PlainResponse, ReadonlyArray<WrittenEntry>>>(
                    Either.left(refusal)
                  ),
                (checked) =>
                  pipe(
                    send(checked.body),
                    TaskEither.map((response) =>
                      response.status !== 200
                        ? Either.left(refusalOf(within, response, entries, checked))
                        : isWriteSuccess(response)
                          ? Either.right(writtenEntries(within, response, checked.areBeforeShown))
                          : Either.left(writeUnknown())
                    )
                  )
              )
            )
          )
        ),
    TaskEither.chain(Either.match((refusal) => TaskEither.right<StopReason, PlainResponse>(refusal), answered))
  )
}
