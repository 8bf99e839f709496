/**
 * Describes a certificate in a few English words, one line for each atom.
 *
 * @module
 */
import { accessInWords } from '../explain/access.js'
import { parse } from '../parse.js'
import type { Scope } from '../scope.js'
import { shown } from '../../values/shown-text.js'
import type { CoveredAtom, CoveredText, ScopeCertificate } from './certificate.js'

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
  const ofAtom = (atom: CoveredAtom): string => {
    const [wide, narrow] = [granted[atom.granted], requested[atom.requested]]
    if (narrow?._tag !== 'ResourceScope') return ''
    const wanted = atom.values.map((value, clause) => clauseInWords(narrow, clause, value))
    const covering = atom.by.map(
      ([value, clause], own) => `${shown(clauseInWords(wide, own, value))} covers ${shown(wanted[clause] ?? '')}`
    )
    return (
      `${narrow.level}/${narrow.type}.${atom.permission}` +
      (wanted.length === 0 ? '' : ` with ${wanted.map((one) => shown(one)).join(' and ')}`) +
      `: ${shown(wide?.text ?? '')}` +
      (covering.length === 0 ? '' : ` (${covering.join(', ')})`)
    )
  }
  const ofText = ({ requested: place }: CoveredText): string => {
    const text = shown(requested[place]?.text ?? '')
    return `${text}: ${text}`
  }
  return ['yes', ...certificate.atoms.map((atom) => ('permission' in atom ? ofAtom(atom) : ofText(atom)))]
}
