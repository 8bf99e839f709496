/** The opponents by name: the child process that serves receives one of these names. */
import { bare } from './bare.js'
import { webCryptography, nodeCryptography } from './cryptography.js'
import type { Opponent } from './job.js'
import { oidcProvider } from './oidc-provider.js'
import { onNodeCrypto, onWebCrypto, ours } from './ours.js'

export const opponents: Readonly<Record<string, Opponent>> = {
  'bare, jose and WebCrypto': bare(webCryptography),
  'smart-app-launch, jose and WebCrypto': ours(onWebCrypto),
  'bare, jose and node:crypto': bare(nodeCryptography),
  'smart-app-launch, jose and node:crypto': ours(onNodeCrypto),
  'oidc-provider': oidcProvider(100_000)
}
