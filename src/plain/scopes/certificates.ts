/**
 * Certificates of answers about scopes, for a party that does not trust this toolkit: for a yes the granted scope that
 * covers each atom of the request, for a no the access that is missing. Arguments and results are as in
 * `smart-app-launch/scopes`. docs/scope-vectors.md has the members of a certificate and says how it is checked.
 *
 * @module scopes/certificates
 */
import type { TooComplex } from '../../scopes/atoms.js'
import type { ScopeCertificate } from '../../scopes/certificates/certificate.js'
import { certify as certifyEither } from '../../scopes/certificates/certify.js'
import { certificateInWords as inWords } from '../../scopes/certificates/words.js'
import type { ScopeOptions } from '../../scopes/permits.js'
import { isObject } from '../../values/object.js'
import { argumentIn } from '../arguments.js'
import type { Result } from '../result.js'
import { resultOf } from '../result.js'
import type { ScopeInput } from './scope-input.js'
import { optionsIn, scopesIn } from './scope-input.js'

export type { TooComplex } from '../../scopes/atoms.js'
export { certificateVersion } from '../../scopes/certificates/certificate.js'
export type {
  CounterexampleCertificate,
  CoverCertificate,
  CoveredAtom,
  CoveredText,
  ScopeCertificate
} from '../../scopes/certificates/certificate.js'
export type { Access, LevelOrder, ScopeOptions, SearchIndex } from '../../scopes/permits.js'
export type { Level, Permission, Scope, ScopeSet } from '../../scopes/scope.js'
export type { ComparedType } from '../../scopes/vocabulary.js'
export type { Result } from '../result.js'
export type { ScopeInput } from './scope-input.js'

/**
 * Whether `granted` permits everything that `requested` permits, with a certificate of the answer. The certificate is
 * about the texts of the sets. A failure when the requested set exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import { certify } from 'smart-app-launch/scopes/certificates'
 *
 * const yes = certify('patient/*.r?category=a,b', 'patient/Observation.r?category=http://x|b')
 * yes.ok && yes.value.result && yes.value.atoms
 * // => [{ requested: 0, permission: 'r', values: [0], granted: 0, by: [[1, 0]] }]
 *
 * const no = certify('patient/*.r', 'patient/Observation.rs')
 * no.ok && !no.value.result && no.value.access
 * // => { level: 'patient', type: 'Observation', permission: 's', resource: {} }
 * ```
 */
export const certify = (
  granted: ScopeInput,
  requested: ScopeInput,
  options?: ScopeOptions
): Result<ScopeCertificate, TooComplex> =>
  resultOf(
    certifyEither(
      scopesIn('certify', 'granted', granted),
      scopesIn('certify', 'requested', requested),
      optionsIn('certify', options)
    )
  )

const isCertificate = (given: unknown): boolean =>
  isObject(given) && given['version'] === 1 && typeof given['result'] === 'boolean'

/**
 * The lines of a certificate for people: `yes` or `no` first, then for a yes each atom with the granted scope that
 * covers it, for a no the access that is missing.
 *
 * @example
 * ```ts
 * import { certificateInWords, certify } from 'smart-app-launch/scopes/certificates'
 *
 * const certified = certify('patient/*.rs', 'patient/Patient.r')
 * certified.ok && certificateInWords(certified.value) // => ['yes', 'patient/Patient.r: patient/*.rs']
 * ```
 */
export const certificateInWords = (certificate: ScopeCertificate): ReadonlyArray<string> =>
  inWords(argumentIn('certificateInWords', 'certificate', 'a certificate of certify', isCertificate, certificate))
