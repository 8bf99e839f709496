/** The apps that can be launched by their ids: of the configuration, and registered ones. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { Simulator } from '../../context.js'
import type { AppShown } from '../../pages/apps.js'
import type { AppList, ListedApp } from '../../store/app-list.js'
import { underKeptId } from '../../store/kept-ids.js'
import type { RegisteredClient } from '../../../protocol/client/client.js'

/** An app that is registered. */
interface KnownApp {
  readonly client: RegisteredClient
  readonly from: Exclude<AppShown['from'], 'urls'>
  /** Whether the page of apps can change and remove it. */
  readonly isManaged: boolean
}

/** The apps of the configuration, and then the registered ones, the newest last. */
export const knownApps = async (
  { config, server }: Pick<Simulator, 'config' | 'server'>,
  { list }: { readonly list: Pick<AppList, 'all'> }
): Promise<ReadonlyArray<KnownApp>> => {
  const listed = await list.all()
  const apps: ReadonlyArray<ListedApp> = Either.isRight(listed) ? listed.right : []
  const sources = [
    ...config.clients.map(({ client_id }) => ({
      id: client_id,
      registeredAs: client_id,
      from: 'configuration' as const,
      isManaged: false
    })),
    // By the assigned id, because the list, in which the kept one stands, is read already.
    ...apps.map(({ clientId, from, registeredAs, token }) => ({
      id: clientId,
      registeredAs,
      from,
      isManaged: token !== null
    }))
  ]
  const found = await Promise.all(
    sources.map(async ({ id, registeredAs = id, ...source }) => {
      const client = await server.admin.client(registeredAs)()
      return Either.isRight(client) && Option.isSome(client.right)
        ? [{ client: underKeptId(client.right.value, id), ...source }]
        : []
    })
  )
  return found.flat()
}
