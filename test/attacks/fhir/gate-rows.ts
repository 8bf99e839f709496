/** Rows of the attacks on the FHIR endpoint behind the gate. */
import type { AttackRow, Variant } from '../row.js'
import { behind, expectForbidden } from '../../support/fhir/behind-gate.js'
import type { PlainRequest } from '../../../src/protocol/http/message.js'

export const variant = (name: string, run: Variant['run']): Variant => ({ name, run })

/** A row whose variants need no authorization server: the facts behind the token are given. */
export const gateRow = (
  id: string,
  variants: ReadonlyArray<Variant>,
  more: Pick<AttackRow, 'differs'> = {}
): AttackRow => ({ id, variants, once: 'the gate alone: what stands behind the token is given', ...more })

/** Variants that are refused with 403, written as name, scope, method, path and body. */
export const forbidden = (
  name: string,
  scope: string,
  method: string,
  path: string,
  more: Partial<PlainRequest> = {}
): Variant =>
  variant(name, async () => {
    const gate = behind()
    await expectForbidden(gate, () => gate.ask(scope, method, path, more))
  })
