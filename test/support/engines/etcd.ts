/** etcd: one member, or a cluster of several. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './ports.js'
import type { ServerProcess } from './server-process.js'
import { missingProgram, serverProcess, until } from './server-process.js'

/** Why etcd is missing; null when it is there. */
export const etcdMissing = missingProgram('etcd')

/** A member of etcd. */
export interface EtcdMember extends ServerProcess {
  readonly host: string
  readonly port: number
  readonly endpoint: string
  /** Sends a request to the gateway as an operator does. */
  readonly post: (path: string, body: object) => Promise<Readonly<Record<string, unknown>>>
  /** Whether this member answers, and is the leader. */
  readonly isLeader: () => Promise<boolean>
  /** Ends the member, and removes its data. */
  readonly remove: () => Promise<void>
}

/** Starts members of one cluster, and waits until they answer. */
export const startEtcd = async (
  ports: ReadonlyArray<number>,
  flags: ReadonlyArray<string> = []
): Promise<ReadonlyArray<EtcdMember>> => {
  const peers = await Promise.all(ports.map(() => freePort()))
  const url = (port: number | undefined): string => `http://127.0.0.1:${String(port)}`
  const all = ports.map((_, place) => `m${String(place)}=${url(peers[place])}`).join(',')
  const members = ports.map((port, place): EtcdMember => {
    const folder = mkdtempSync(join(tmpdir(), 'smart-etcd-'))
    const peer = url(peers[place])
    const args = [
      ...['--name', `m${String(place)}`, '--data-dir', folder, '--initial-cluster', all],
      ...['--listen-client-urls', url(port), '--advertise-client-urls', url(port)],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...[
        '--heartbeat-interval',
        '50',
        '--election-timeout',
        '500',
        '--logger',
        'zap',
        '--log-level',
        'error',
        ...flags
      ]
    ]
    const server = serverProcess('etcd', args, port)
    const post: EtcdMember['post'] = async (path, body) => {
      const signal = AbortSignal.timeout(2000)
      const response = await fetch(url(port) + path, { method: 'POST', body: JSON.stringify(body), signal })
      return (await response.json()) as Readonly<Record<string, unknown>>
    }
    return {
      ...server,
      host: '127.0.0.1',
      port,
      endpoint: url(port),
      post,
      isLeader: async () => {
        const status = await post('/v3/maintenance/status', {}).catch(() => ({}))
        const { header, leader } = status as { header?: { member_id?: string }; leader?: string }
        return leader !== undefined && header?.member_id === leader
      },
      remove: async () => {
        await server.kill()
        rmSync(folder, { recursive: true, force: true })
      }
    }
  })
  await Promise.all(members.map((member) => member.start()))
  for (const member of members)
    await until('etcd answers', async () => {
      const { leader } = (await member.post('/v3/maintenance/status', {})) as { leader?: string }
      return leader !== undefined && leader !== '0'
    })
  return members
}
