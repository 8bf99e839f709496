/** What errors of PostgreSQL say about a write, and what the store does with answers of a standby. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { openPostgresStore } from '../../src/adapters/stores/postgres.js'
import { postgresErrorApplied } from '../../src/adapters/stores/postgres/postgres-client.js'
import { unsafePostgresSettings } from '../../src/adapters/stores/postgres/postgres-settings.js'

const safe = {
  recovery: 'false',
  fsync: 'on',
  pages: 'on',
  commit: 'on',
  standbys: '',
  readonly: 'off',
  persistence: 'p',
  columns: 'expires_at double precision, key text, text text, version text',
  unique: 'true',
  privileges: 'true'
}

describe('errors of PostgreSQL', () => {
  it.each([
    ['too many connections', { code: '53300' }, 'no'],
    ['the server starts', { code: '57P03' }, 'no'],
    ['a read-only transaction', { code: '25006' }, 'no'],
    ['a serialization failure', { code: '40001' }, 'no'],
    ['a statement that was cancelled', { code: '57014' }, 'no'],
    ['no such table', { code: '42P01' }, 'no'],
    ['a refused connection', { code: 'ECONNREFUSED', syscall: 'connect' }, 'no'],
    ['refused at two addresses', { errors: [{ code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED' }] }, 'no'],
    ['one of two addresses lost', { errors: [{ code: 'ECONNREFUSED' }, { code: 'ECONNRESET' }] }, 'unknown'],
    ['an ended server process', { code: '57P01' }, 'unknown'],
    ['a crashed server process', { code: '57P02' }, 'unknown'],
    ['an unknown completion', { code: '40003' }, 'unknown'],
    ['a lost connection', { code: '08006' }, 'unknown'],
    ['an internal error', { code: 'XX000' }, 'unknown'],
    ['a reset connection', { code: 'ECONNRESET', syscall: 'read' }, 'unknown'],
    ['a terminated connection', new Error('Connection terminated unexpectedly'), 'unknown'],
    ['nothing', null, 'unknown']
  ] as const)('%s', (_what, error, applied) => {
    expect(postgresErrorApplied(error)).toBe(applied)
  })
})

describe('settings of PostgreSQL', () => {
  it('are safe as they are by default', () => {
    expect(unsafePostgresSettings(safe)).toEqual([])
  })

  it.each([
    ['pg_is_in_recovery', { recovery: 'true' }],
    ['fsync', { fsync: 'off' }],
    ['fsync', { fsync: null }],
    ['full_page_writes', { pages: 'off' }],
    ['synchronous_commit', { commit: 'off' }],
    ['synchronous_commit', { commit: 'local', standbys: 'ANY 1 (*)' }],
    ['default_transaction_read_only', { readonly: 'on' }],
    ['smart_record', { persistence: null, columns: null }],
    ['smart_record', { unique: 'false' }],
    ['smart_record', { columns: 'key text' }],
    ['unlogged', { persistence: 'u' }],
    ['privileges', { privileges: 'false' }]
  ])('%s: %j', (setting, change) => {
    expect(unsafePostgresSettings({ ...safe, ...change }).map((one) => one.setting)).toEqual([setting])
  })

  it.each([{ commit: 'local' }, { commit: 'remote_write', standbys: 'a' }, { commit: 'remote_apply' }])(
    'are safe with %j',
    (change) => {
      expect(unsafePostgresSettings({ ...safe, ...change })).toEqual([])
    }
  )

  it('are accepted by name, and an unknown name is refused', async () => {
    const client = { query: () => Promise.resolve({ rows: [{ ...safe, fsync: 'off' }] }) }
    expect(await openPostgresStore(client)()).toMatchObject({ left: { settings: [{ setting: 'fsync' }] } })
    expect((await openPostgresStore(client, { acceptUnsafe: ['fsync'] })())._tag).toBe('Right')
    expect(await openPostgresStore(client, { acceptUnsafe: ['synchronous_comit'] })()).toMatchObject({
      left: { settings: [{ setting: 'acceptUnsafe', required: 'a known name, probably `synchronous_commit`' }] }
    })
  })
})

describe('an answer of a standby', () => {
  it('is refused by load, with and without a record', async () => {
    let row: Readonly<Record<string, string | null>> = safe
    // A standby gives no row to a statement that asks for the record of a primary.
    const rowsFor = (statement: string): ReadonlyArray<typeof row> =>
      statement.includes('AND NOT pg_is_in_recovery()') && row['standby'] !== 'false' ? [] : [row]
    const client = { query: ({ text }: { readonly text: string }) => Promise.resolve({ rows: [...rowsFor(text)] }) }
    const opened = await openPostgresStore(client)()
    if (Either.isLeft(opened)) throw new Error('not opened')
    row = { standby: 'true', version: 'v', text: 't' }
    expect(await opened.right.load('a')()).toMatchObject({ left: { _tag: 'Unavailable', applied: 'no' } })
    row = { standby: 'true', version: null, text: null }
    expect(await opened.right.load('a')()).toMatchObject({ left: { _tag: 'Unavailable', applied: 'no' } })
    row = { standby: 'false', version: null, text: null }
    expect(await opened.right.load('a')()).toEqual(Either.right(Option.none))
  })
})
