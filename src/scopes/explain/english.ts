/**
 * The English sentences of `explain.ts`.
 *
 * @module
 */
import type { ExplainedClause, ExplainedValue } from './clauses.js'
import type { Sentences } from './sentences.js'
import type { Level, Permission } from '../scope.js'
import { permissionOrder } from '../scope.js'

const verbs: Readonly<Record<Permission, string>> = { c: 'create', r: 'read', u: 'change', d: 'delete', s: 'search' }

const owners: Readonly<Record<Level, { readonly short: string; readonly long: string }>> = {
  patient: { short: 'of this patient', long: 'of the one patient in context' },
  user: { short: 'that you may see', long: 'of everyone whom you may see' },
  system: { short: 'of everybody', long: 'of everybody in the system' }
}

const listed = (words: ReadonlyArray<string>, last: 'and' | 'or'): string =>
  [words.slice(0, -1).join(', '), ...words.slice(-1)].filter((part) => part !== '').join(` ${last} `)

const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

const valueInWords = (value: ExplainedValue): string => {
  if (value._tag === 'Text') return value.text
  const code = value.code ?? 'any code'
  return value.system === '' ? `${code} without a system` : `${code} of the system ${value.system}`
}

const constraint = (clause: ExplainedClause): string => {
  if (clause._tag === 'Search') return `only where the search ${clause.text} finds them`
  const { name, compares, values, others } = clause
  const said = [...values.map(valueInWords), ...(others === 0 ? [] : [`one of ${String(others)} more values`])]
  return `only where ${name} ${compares === 'beginning' ? 'begins with' : 'is'} ${listed(said, 'or')}`
}

/** English. */
export const english: Sentences = {
  resource: ({ permissions, type, level, constraints }) => {
    const doing = capitalized(
      listed(
        permissions.map((permission) => verbs[permission]),
        'and'
      )
    )
    const isAll = permissions.length === permissionOrder.length
    const what = type === null ? 'all records' : isAll ? `all ${type} records` : `${type} records`
    const future =
      type === null ? ', of every kind, both now and in the future' : isAll ? ', both now and in the future' : ''
    const narrowed = constraints.map((one) => `, ${one}`).join('')
    return {
      short: `${doing} ${what} ${owners[level].short}${future}${narrowed}`,
      long: `${doing} ${what} ${owners[level].long}${future}${narrowed}.`
    }
  },
  constraint,
  launch: (type, role) => {
    if (type === null) {
      return {
        short: 'Know what you are working on',
        long:
          'Know which patient and encounter you are working on in the record system, and what else it tells when ' +
          'it starts the app.'
      }
    }
    const asRole = role === null ? '' : ` (as ${role})`
    return {
      short: `Know which ${type} you chose${asRole}`,
      long: `Know which ${type} you chose or are working on${asRole}.`
    }
  },
  named: {
    openid: { short: 'Know that it is you', long: 'Know that it is you who signed in, by an identifier.' },
    fhirUser: {
      short: 'Know who you are in the record system',
      long: 'Know which person or professional in the record system you are.'
    },
    profile: {
      short: 'Ask for your name and other basic facts about you',
      long: 'Ask for your name and other basic facts about you, which only a server that tells them grants.'
    },
    email: {
      short: 'Ask for your e-mail address',
      long: 'Ask for your e-mail address, which only a server that tells it grants.'
    },
    address: {
      short: 'Ask for your postal address',
      long: 'Ask for your postal address, which only a server that tells it grants.'
    },
    phone: {
      short: 'Ask for your telephone number',
      long: 'Ask for your telephone number, which only a server that tells it grants.'
    },
    offline_access: {
      short: 'Keep its access after you leave',
      long: 'Keep its access after you have left, until it ends or you revoke it.'
    },
    online_access: {
      short: 'Renew its access while you are signed in',
      long: 'Renew its access as long as you stay signed in.'
    }
  },
  ownRecord: {
    short: 'Know who you are in the record system, and read that record',
    long: 'Know which person or professional in the record system you are, and read that one record.'
  },
  loneFhirUser: {
    short: 'Ask who you are in the record system',
    long:
      'Ask which person or professional in the record system you are, which is given only beside the permission ' +
      'openid.'
  },
  renewalOfService: {
    short: 'Ask to renew its access',
    long: 'Ask to renew its access, which a service that acts for itself is never granted.'
  },
  userOfService: {
    short: 'Ask who the user is',
    long: 'Ask who the user is, which a service that acts for itself never receives, because it has no user.'
  },
  launchOfService: {
    short: 'Ask what a user works on',
    long: 'Ask what a user works on, which a service that acts for itself never receives, because it has no user.'
  },
  unknown: (text) => ({
    short: `Use the permission ${text}`,
    long: `Use the permission ${text}, which is not explained here.`
  }),
  doesNotAllow: {
    anyRecord: 'It cannot see any record, and it cannot change one.',
    anyOtherRecord: 'It cannot see or change any record, except the one that represents you, which it can read.',
    write: 'It cannot create, change or delete anything.',
    renewal: 'It cannot renew its access without asking you again.',
    renewalSignedOut: 'It cannot renew its access when you are no longer signed in.',
    otherPatients: 'It cannot see or change records that are about other patients and not about this one.',
    otherPatientsOrUser:
      'It cannot see or change records that are about other patients and not about this one, except the one that ' +
      'represents you, which it can read.',
    otherTypes: 'It cannot see or change records of kinds that are not named.',
    otherTypesOrUser:
      'It cannot see or change records of kinds that are not named, except the one that represents you, which it can ' +
      'read.'
  },
  unexplained:
    'What the permissions allow that are not explained here, nobody can tell: they may let it do more than is said.'
}
