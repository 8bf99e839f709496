/**
 * Transactions through the gate: every entry is judged before anything is written, every write goes over the version that was
 * judged, and the server carries out the writes as one transaction. Reads come last, as in FHIR, one by one.
 *
 * Conditional entries are refused: what they find may change before the server looks. Source: FHIR R4, http.html, 3.1.0.11.2.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { entriesOf, fhirJson, isTrouble, outcome, resourceIn, troubled } from './fhir-answers.js'
import type { Passage, Passed } from './fhir-gate.js'
import type { Stored, Write } from './fhir-gate-write.js'
import { guardOf, judgedWrite, storedAt } from './fhir-gate-write.js'
import type { Silence } from './ports.js'
import { isPermitted, alternativesIn } from '../machines/access-alternatives.js'
import type { BundleEntry } from '../machines/fhir-interaction.js'
import { indexReader } from '../machines/search-index.js'
import type { PlainResponse } from '../messages/http.js'

/** A write that was judged, as an entry of the transaction that is sent. */
type Judged = Either.Either<PlainResponse, Readonly<Record<string, unknown>>>

const idOf = (write: Write): string | null => (write._tag !== 'Create' && write.target._tag === 'Id' ? write.target.id : null)

const isConditional = (write: Write): boolean => (write._tag === 'Create' ? write.condition !== null : write.target._tag === 'Condition')

const isUrn = (text: string): boolean => /^urn:(?:uuid|oid):/.test(text)

const isWrite = (entry: BundleEntry): entry is BundleEntry & { readonly interaction: Write } =>
  ['Create', 'Update', 'Patch', 'Delete'].includes(entry.interaction._tag)

const judged = (passage: Passage, names: ReadonlyMap<string, string>, entry: BundleEntry & { readonly interaction: Write }): TaskEither.TaskEither<Silence, Judged> => {
  const { interaction, request, fullUrl } = entry
  const id = idOf(interaction)
  // Any other fullUrl could make the server read a reference that was judged as one to something else.
  const named = fullUrl !== null && isUrn(fullUrl) ? { fullUrl } : {}
  const stored: TaskEither.TaskEither<Silence, Either.Either<PlainResponse, Stored | null>> =
    id === null ? TaskEither.right(Either.right(null)) : storedAt(passage, interaction.type, id)
  return pipe(stored, TaskEither.map(Either.chain((found) => pipe(
    judgedWrite(passage, interaction, id ?? '', found, request),
    Either.chain((resource) => Either.map((guard: object) => ({
      ...named,
      ...(resource === null ? {} : { resource: written(resource, names) }),
      request: {
        method: interaction._tag === 'Create' ? 'POST' : interaction._tag === 'Delete' ? 'DELETE' : 'PUT',
        url: id === null ? interaction.type : `${interaction.type}/${id}`,
        ...(id === null ? {} : guard)
      }
    }))(guardOf(found)))
  ))))
}

/** What the `urn:uuid:` addresses of the entries stand for. What is created has no id yet, and one that no stored resource can have. */
const namesIn = (writes: ReadonlyArray<BundleEntry & { readonly interaction: Write }>): ReadonlyMap<string, string> =>
  new Map(writes.flatMap(({ fullUrl, interaction }, index) => (fullUrl === null || !isUrn(fullUrl)
    ? []
    : [[fullUrl, `${interaction.type}/${idOf(interaction) ?? `new:${String(index)}`}`] as const])))

/** A resource with the references written out whose ids are known: what is judged is what is stored, whatever the server does with them. */
const written = (value: unknown, names: ReadonlyMap<string, string>): unknown => {
  if (Array.isArray(value)) return value.map((one: unknown) => written(one, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([member, inner]: [string, unknown]) => {
    const known = member === 'reference' && typeof inner === 'string' ? names.get(inner) : undefined
    return [member, known === undefined || known.includes(':') ? written(inner, names) : known]
  }))
}

/** A passage that knows what the `urn:uuid:` addresses of the entries stand for. */
const knowing = (passage: Passage, entries: ReadonlyMap<string, string>): Passage => {
  const judging = { ...passage.judging, read: (passage.options.reader ?? indexReader)({ ...passage.references, entries }) }
  const alternatives = alternativesIn(passage.facts, passage.options.rules ?? {})
  return { ...passage, judging, may: (permission, resource, before = null) => isPermitted(alternatives, permission, resource, { ...judging, before }) }
}

const responseEntry = (response: PlainResponse): Readonly<Record<string, unknown>> => ({
  response: { status: String(response.status), ...(response.status >= 400 ? { outcome: resourceIn(response) } : {}) },
  ...(response.status < 400 && response.body !== '' ? { resource: resourceIn(response) } : {})
})

/** What is said of a write that the server carried out without a word of its own. */
const done = { response: { status: '200' } }

/** The outcomes of the writes, with resources only where they may be read. */
const writtenEntries = (passage: Passage, response: PlainResponse): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  const bundle = resourceIn(response)
  return bundle === null ? [] : entriesOf(bundle).map(({ response: said, resource }) => ({
    response: Object.fromEntries(['status', 'location', 'etag', 'lastModified'].flatMap((name) => (said?.[name] === undefined ? [] : [[name, said[name]]]))),
    ...(resource !== undefined && !passage.isMinimal && passage.may('r', resource) ? { resource } : {})
  }))
}

/** A transaction through the gate; `answer` carries out an entry that does not write. */
export const transaction = (
  passage: Passage,
  entries: ReadonlyArray<BundleEntry>,
  answer: (entry: BundleEntry) => Task.Task<PlainResponse>
): Passed => {
  const writes = entries.filter(isWrite)
  const others = entries.filter((entry) => !isWrite(entry))
  if (writes.some(({ interaction }) => isConditional(interaction))) return TaskEither.right(outcome(422, 'not-supported', 'A transaction may hold no conditional entry here.'))
  if (others.some(({ interaction }) => interaction._tag === 'Operation')) return TaskEither.right(outcome(422, 'not-supported', 'A transaction may hold no operation here.'))
  const places = writes.flatMap(({ interaction }) => (idOf(interaction) === null ? [] : [`${interaction.type}/${idOf(interaction) ?? ''}`]))
  const urns = entries.flatMap(({ fullUrl }) => (fullUrl !== null && isUrn(fullUrl) ? [fullUrl] : []))
  if (new Set(urns).size < urns.length) return TaskEither.right(outcome(400, 'invalid', 'Two entries of a transaction have the same fullUrl.'))
  if (new Set(places).size < places.length) return TaskEither.right(outcome(400, 'invalid', 'Two entries of a transaction write the same resource.'))
  const names = namesIn(writes)
  const within = knowing(passage, names)
  const readAll = (written: ReadonlyArray<unknown>): Task.Task<PlainResponse> => pipe(
    others.map(answer),
    Task.sequenceSeqArray,
    Task.map((read) => {
      const [mine, theirs] = [written[Symbol.iterator](), read[Symbol.iterator]()]
      const entry = entries.map((one) => (isWrite(one) ? mine.next().value ?? done : responseEntry(theirs.next().value as PlainResponse)))
      return fhirJson(200, { resourceType: 'Bundle', type: 'transaction-response', entry })
    })
  )
  return pipe(
    writes.map((entry) => judged(within, names, entry)),
    TaskEither.sequenceSeqArray,
    TaskEither.map(Either.sequenceArray),
    TaskEither.chain(Either.match(
      (refusal) => TaskEither.right(refusal),
      (entry) => {
        if (entry.length === 0) return TaskEither.fromTask(readAll([]))
        const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
        return pipe(
          passage.ask({ method: 'POST', path: '/', body, headers: { prefer: 'return=representation' } }),
          TaskEither.chain((response) => (response.status === 200
            ? TaskEither.fromTask(readAll(writtenEntries(within, response)))
            : TaskEither.right(isTrouble(response) ? troubled() : outcome(response.status === 412 || response.status === 409 ? response.status : 422, 'processing', 'The FHIR server refuses the transaction.'))))
        )
      }
    ))
  )
}
