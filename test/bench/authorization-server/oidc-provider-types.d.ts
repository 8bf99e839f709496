/** The few parts of `oidc-provider` that tests and the benchmark use; the package brings no types. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'

  type Saved = new (properties: object) => { readonly save: () => Promise<string> }

  export class Provider {
    constructor(issuer: string, configuration: object)
    readonly callback: () => RequestListener
    readonly use: (
      middleware: (context: { readonly path: string; body: unknown }, next: () => Promise<void>) => Promise<void>
    ) => void
    readonly Client: { readonly find: (clientId: string) => Promise<object> }
    readonly Grant: new (properties: object) => {
      readonly addOIDCScope: (scope: string) => void
      readonly addResourceScope: (resource: string, scope: string) => void
      readonly save: () => Promise<string>
    }
    readonly AuthorizationCode: Saved
    readonly RefreshToken: Saved
    readonly AccessToken: Saved
  }
}

declare module 'oidc-provider/lib/adapters/memory_adapter.js' {
  const MemoryAdapter: new (model: string, store: object) => object
  export default MemoryAdapter
}

declare module 'oidc-provider/lib/helpers/lru.js' {
  const LRU: new (options: { readonly maxSize: number }) => object
  export default LRU
}
