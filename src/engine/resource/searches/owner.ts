/**
 * The owner of a searched compartment, which may be hidden: whether it exists must not show in the response.
 *
 * @module
 */
import type { GateContext } from '../gate-context.js'
import type { PageEntry } from '../page-text.js'
import type { ReadPage } from '../pages.js'
import { mayAll } from '../upstream-answer.js'
import type { Search } from '../../../protocol/access/search/rewrite.js'
import type { PlainResponse } from '../../../protocol/http/message.js'
import { ownMember } from '../../../values/own.js'

type Searched = Pick<Search, 'compartment'>

/** Whether the compartment is that of the token's own patient, which is no secret. */
const isOwn = ({ facts }: Pick<GateContext, 'facts'>, { compartment }: Searched): boolean =>
  compartment?.type === 'Patient' && compartment.id === ownMember(facts.context, 'patient')

/**
 * Whether the server says that it has no such compartment as is searched. That of a hidden resource looks the same: it
 * shows nothing. That of the token's own patient is no secret.
 */
export const isWithoutOwner = (
  gateContext: Pick<GateContext, 'facts'>,
  search: Searched,
  { status }: PlainResponse
): boolean => search.compartment !== null && (status === 404 || status === 410) && !isOwn(gateContext, search)

/**
 * Whether the owner of the searched compartment may be hidden from the token, although all results may be seen: it can
 * neither read nor search the type of the owner without a limit.
 */
export const hidesOwner = (gateContext: Pick<GateContext, 'facts' | 'options'>, search: Searched): boolean => {
  const { compartment } = search
  if (compartment === null || isOwn(gateContext, search)) return false
  return !mayAll(gateContext, compartment.type, 'r') && !mayAll(gateContext, compartment.type, 's')
}

/** Whether a page finds nothing. A count has no entries. */
export const findsNothing = ({ bundle, entries, next }: ReadPage): boolean => {
  const total = bundle['total']
  const isMatch = ({ entry: { resource, search } }: PageEntry): boolean =>
    resource !== undefined && search?.mode !== 'outcome' && resource.resourceType !== 'OperationOutcome'
  return next === null && !entries.some(isMatch) && (typeof total !== 'number' || total === 0)
}
