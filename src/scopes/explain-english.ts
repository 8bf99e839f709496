/**
 * The English sentences of `explain.ts`.
 *
 * @module
 */
import type { ParameterType } from './vocabulary.js'
import type { Sentences } from './explain.js'
import type { Clause, Level, Permission } from './scope.js'

const verbs: Readonly<Record<Permission, string>> = { c: 'create', r: 'read', u: 'change', d: 'delete', s: 'search' }

const owners: Readonly<Record<Level, { readonly short: string; readonly long: string }>> = {
  patient: { short: 'of this patient', long: 'of the one patient in context' },
  user: { short: 'that you may see', long: 'of everyone whom you may see' },
  system: { short: 'of everybody', long: 'of everybody in the system' }
}

const listed = (words: ReadonlyArray<string>, last: 'and' | 'or'): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1) ?? ''}`

const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

const plainValue = (value: string): string => {
  const text = value.replace(/\\([,|$\\])/g, '$1')
  const [, system, code] = /^(.*)\|(.*)$/s.exec(text) ?? []
  if (system === undefined || code === undefined) return text
  if (code === '') return `any code of ${system}`
  return system === '' ? `${code} without a system` : `${code} of ${system}`
}

const constraint = ({ name, modifier, values }: Clause, type: ParameterType): string =>
  modifier === null
    ? `only where ${name} ${type === 'string' ? 'begins with' : 'is'} ${listed(values.map(plainValue), 'or')}`
    : `only where ${name}, with ${modifier}, is ${listed(values.map(plainValue), 'or')}`

/** English. */
export const english: Sentences = {
  resource: (permissions, type, level) => {
    const doing = capitalized(listed(permissions.map((permission) => verbs[permission]), 'and'))
    const what = type === null ? 'all records' : `${type} records`
    const future = type === null ? ', of every kind that there is now and in the future' : ''
    return {
      short: `${doing} ${what} ${owners[level].short}`,
      long: `${doing} ${what} ${owners[level].long}${future}.`
    }
  },
  constraint,
  launch: (type, role) => {
    if (type === null) {
      return { short: 'Know what you are working on', long: 'Know which patient and encounter you are working on in the record system.' }
    }
    const asRole = role === null ? '' : ` (as ${role})`
    return { short: `Know which ${type} you chose${asRole}`, long: `Know which ${type} you chose or are working on${asRole}.` }
  },
  named: {
    openid: { short: 'Know that it is you', long: 'Know that it is you who signed in, by an identifier.' },
    fhirUser: { short: 'Know who you are in the record system', long: 'Know which person or professional in the record system you are.' },
    profile: { short: 'Know your name', long: 'Know your name and other basic facts about you.' },
    email: { short: 'Know your e-mail address', long: 'Know your e-mail address.' },
    address: { short: 'Know your postal address', long: 'Know your postal address.' },
    phone: { short: 'Know your telephone number', long: 'Know your telephone number.' },
    offline_access: {
      short: 'Keep its access after you leave',
      long: 'Keep its access after you have left, until it ends or you revoke it.'
    },
    online_access: { short: 'Keep its access while you are signed in', long: 'Keep its access as long as you stay signed in.' }
  },
  unknown: (text) => ({ short: `Use the permission ${text}`, long: `Use the permission ${text}, which is not explained here.` }),
  doesNotAllow: {
    write: 'It cannot create, change or delete anything.',
    offline: 'It cannot go on after you have left.',
    otherPatients: 'It cannot see records of other patients.',
    otherTypes: 'It cannot see records of kinds that are not named.',
    anyRecord: 'It cannot see any record.'
  }
}
