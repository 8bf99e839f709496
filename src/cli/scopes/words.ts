/** The sentences that the commands about scopes share. */
import type { NotCertifiable } from '../../scopes/certificates/certificate.js'
import { shown } from '../../values/shown-text.js'

/** Why there is no certificate, in one sentence. */
export const notCertifiableInWords = ({ requested, scope }: NotCertifiable): string =>
  `not certifiable: requested scope ${String(requested)} (${shown(scope)}) is covered only where a clause that is ` +
  'not interpreted has the same text as one that is'
