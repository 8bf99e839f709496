/**
 * Describes a certificate in a few English words, one line for each atom.
 *
 * @module
 */
import { accessInWords } from '../explain/access.js'
import { parse } from '../parse.js'
import type { Permission, Scope } from '../scope.js'
import { shown } from '../../values/shown-text.js'
import type { CoverCertificate, ScopeCertificate } from './certificate.js'

/** One atom of a requested scope with the granted scope that covers it, as texts that are not safe to display yet. */
export interface CoverTexts {
  /** The numbers of both scopes. */
  readonly requested: number
  readonly granted: number
  /** Null for a scope that permits only itself. */
  readonly permission: Permission | null
  /** The clauses of the atom, each with one value. */
  readonly clauses: ReadonlyArray<string>
  /** For each clause of the granted scope: with the value that covers, and the clause of the atom that it covers. */
  readonly covering: ReadonlyArray<readonly [wide: string, narrow: string]>
}

/** The atoms of a certificate for a yes, as texts, in its order. */
export const coverTextsOf = (certificate: CoverCertificate): ReadonlyArray<CoverTexts> => {
  const [granted, requested] = [parse(certificate.granted), parse(certificate.requested)]
  const types = new Map(certificate.types.map(([type, name, compared]) => [`${type} ${name}`, compared]))
  /** A clause reduced to one of its values; the whole clause where it is not interpreted. */
  const clauseInWords = (scope: Scope | undefined, clause: number, value: number): string => {
    if (scope?._tag !== 'ResourceScope') return ''
    const found = scope.query[clause]
    if (found === undefined) return ''
    const { name, modifier, values } = found
    const type = types.get(`${scope.type} ${name}`)
    const isOpaque = type === 'opaque' || (modifier !== null && !(type === 'string' && modifier === 'exact'))
    return `${modifier === null ? name : `${name}:${modifier}`}=${isOpaque ? values.join(',') : (values[value] ?? '')}`
  }
  return certificate.atoms.map((atom): CoverTexts => {
    const { granted: wideAt, requested: narrowAt } = atom
    if (!('permission' in atom))
      return { requested: narrowAt, granted: wideAt, permission: null, clauses: [], covering: [] }
    const [wide, narrow] = [granted[wideAt], requested[narrowAt]]
    const clauses = atom.values.map((value, clause) => clauseInWords(narrow, clause, value))
    const covering = atom.by.map(
      ([value, clause], own) => [clauseInWords(wide, own, value), clauses[clause] ?? ''] as const
    )
    return { requested: narrowAt, granted: wideAt, permission: atom.permission, clauses, covering }
  })
}

/**
 * The lines of a certificate: `yes` or `no` first, then for a yes each atom with the granted scope that covers it, for
 * a no the access that is missing.
 *
 * @example
 * ```ts
 * import { certificateInWords, certify } from 'smart-app-launch/scopes/certificates'
 *
 * const certified = certify('patient/*.rs?category=a', 'patient/Observation.r?category=http://x|a')
 * const [answer, atom = ''] = certified.ok ? certificateInWords(certified.value) : []
 * answer // => 'yes'
 * atom.slice(0, 49) // => 'patient/Observation.r with category=http://x|a: p'
 * atom.slice(48) // => 'patient/*.rs?category=a (category=a covers category=http://x|a)'
 * ```
 */
export const certificateInWords = (certificate: ScopeCertificate): ReadonlyArray<string> => {
  if (!certificate.result) return [`no: not ${accessInWords(certificate.access)}`]
  const [granted, requested] = [parse(certificate.granted), parse(certificate.requested)]
  const inWords = ({ clauses, covering, granted: wideAt, permission, requested: narrowAt }: CoverTexts): string => {
    const [wide, narrow] = [granted[wideAt], requested[narrowAt]]
    const wideText = shown(wide?.text ?? '')
    if (permission === null) return `${shown(narrow?.text ?? '')}: ${wideText}`
    if (narrow?._tag !== 'ResourceScope') return ''
    const covers = covering.map(([one, other]) => `${shown(one)} covers ${shown(other)}`)
    return (
      `${narrow.level}/${narrow.type}.${permission}` +
      (clauses.length === 0 ? '' : ` with ${clauses.map((one) => shown(one)).join(' and ')}`) +
      `: ${wideText}` +
      (covers.length === 0 ? '' : ` (${covers.join(', ')})`)
    )
  }
  return ['yes', ...coverTextsOf(certificate).map(inWords)]
}
