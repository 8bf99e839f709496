/**
 * Makes the audit event of one interaction at the gate, and gives it to the host.
 *
 * @module
 */
import type { GateResponse } from './responses.js'
import { resourceIn } from './responses.js'
import type { AccessEvent, AccessOutcome, OnAccess } from '../../protocol/access/access-event.js'
import type { AccessFacts } from '../../protocol/access/alternatives.js'
import { accessRefusalOf } from '../../protocol/access/access-refusals.js'
import type { Decision } from '../../protocol/access/decision-types.js'
import type { FhirInteraction } from '../../protocol/access/fhir-interaction.js'
import { isFhirId, relativeReference } from '../../values/fhir.js'
import { isObject } from '../../values/object.js'
import { ownMember } from '../../values/own.js'

/** Type and id in the address of an interaction. */
const placeOf = (interaction: FhirInteraction): { readonly type: string | null; readonly id: string | null } => {
  switch (interaction._tag) {
    case 'Read':
    case 'VersionRead':
    case 'History':
    case 'Operation':
      return interaction
    case 'Search':
    case 'Create':
      return { type: interaction.type, id: null }
    case 'Update':
    case 'Patch':
    case 'Delete':
      return { type: interaction.type, id: interaction.target._tag === 'Id' ? interaction.target.id : null }
    default:
      return { type: null, id: null }
  }
}

/** The id of a resource that was written, in `Location`; null if it is not there. */
const writtenId = (type: string | null, { headers }: GateResponse): string | null => {
  const location = ownMember(headers, 'location')
  if (typeof location !== 'string') return null
  const segments = location.split('/')
  const history = segments.lastIndexOf('_history')
  const end = history === -1 ? segments.length : history
  const found = relativeReference(segments.slice(Math.max(end - 2, 0), end).join('/'))
  return found !== null && found.type === type ? found.id : null
}

/** The rules of refusals that name none, by the code of their issue. */
const ruleOfCode: Readonly<Record<string, string>> = {
  'too-costly': 'within-limits',
  'not-found': 'resource-found',
  deleted: 'resource-not-deleted',
  conflict: 'version-matches',
  transient: 'server-answers',
  exception: 'server-answers',
  throttled: 'server-patience'
}

/** The rule of a refusal. */
const ruleOf = (response: GateResponse): string | null => {
  if (response.status < 400) return null
  const named = ownMember(response, 'rule')
  if (named !== undefined) return named
  const issue = resourceIn(response)?.['issue']
  const first: unknown = Array.isArray(issue) ? issue[0] : null
  const code = isObject(first) ? ownMember(first, 'code') : undefined
  return ownMember(ruleOfCode, typeof code === 'string' ? code : '') ?? 'server-accepts'
}

const outcomeOf = (decision: Decision['_tag'], rule: string | null): AccessOutcome => {
  if (rule !== null) return accessRefusalOf(rule)?.outcome ?? 'denied'
  return decision === 'Filter' ? 'filtered' : 'permitted'
}

const nameOf = (interaction: FhirInteraction): AccessEvent['interaction'] =>
  interaction._tag === 'Batch' && interaction.isTransaction ? 'Transaction' : interaction._tag

/** The event of an interaction that was answered. */
export const accessEvent = (
  facts: AccessFacts,
  interaction: FhirInteraction,
  decision: Decision['_tag'],
  response: GateResponse
): AccessEvent => {
  const { type, id } = placeOf(interaction)
  const rule = ruleOf(response)
  const known = id ?? (rule === null ? writtenId(type, response) : null)
  const grantId = ownMember(facts, 'grantId')
  return {
    userSub: facts.user?.sub ?? null,
    clientId: facts.clientId,
    ...(grantId === undefined ? {} : { grantId }),
    patient: ownMember(facts.context, 'patient') ?? null,
    scopes: facts.scopes.map(({ text }) => text),
    interaction: nameOf(interaction),
    type,
    ...(known !== null && isFhirId(known) ? { id: known } : {}),
    outcome: outcomeOf(decision, rule),
    rule,
    status: response.status
  }
}

/** Gives an event to a function of the host, which cannot influence the response. */
export const deliverAccess = (onAccess: OnAccess, event: () => AccessEvent): void => {
  try {
    const answered = onAccess(event())
    if (isObject(answered)) Promise.resolve(answered).catch(() => undefined)
  } catch {
    // The request is answered already.
  }
}
