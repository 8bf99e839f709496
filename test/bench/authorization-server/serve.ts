/**
 * A child process that serves one opponent. It is controlled by messages, and reports what it used:
 * the time of all its threads, in microseconds, garbage collection included.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Job } from './job.js'
import { opponents } from './opponents.js'

/** What the parent asks. */
export type Question =
  | { readonly _tag: 'Seed'; readonly count: number }
  /** Begins to count. */
  | { readonly _tag: 'Begin' }
  | { readonly _tag: 'End' }

/** What the child says: the first is said when it is ready. */
export type Saying =
  | { readonly _tag: 'Ready'; readonly port: number; readonly path: string }
  | { readonly _tag: 'Seeded'; readonly seeds: ReadonlyArray<string> }
  | { readonly _tag: 'Begun' }
  | { readonly _tag: 'Ended'; readonly microseconds: number }

const say = (saying: Saying): void => {
  process.send?.(saying)
}

const serve = async (name: string, job: Job): Promise<void> => {
  const served = await opponents[name]?.(job)
  if (served === undefined) throw new Error(`no opponent is called ${name}`)
  let before = process.cpuUsage()
  process.on('message', (question: Question) => {
    switch (question._tag) {
      case 'Seed':
        void served.seed(question.count).then((seeds) => {
          say({ _tag: 'Seeded', seeds })
        })
        break
      case 'Begin':
        before = process.cpuUsage()
        say({ _tag: 'Begun' })
        break
      case 'End': {
        const { user, system } = process.cpuUsage(before)
        say({ _tag: 'Ended', microseconds: user + system })
      }
    }
  })
  process.on('disconnect', () => {
    process.exit()
  })
  const server = createServer(served.listener)
  server.keepAliveTimeout = 600_000
  server.listen(0, '127.0.0.1', () => {
    say({ _tag: 'Ready', port: (server.address() as AddressInfo).port, path: served.path })
  })
}

const [, , name = '', job = ''] = process.argv
await serve(name, JSON.parse(job) as Job)
