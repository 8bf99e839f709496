/**
 * A store and clients in the memory of one process: for a single process, and for tests. All data are lost when the
 * process ends.
 *
 * @module fp-ts/adapters/memory
 */
export type { MemoryStore } from './stores/memory-store.js'
export { memoryStore } from './stores/memory-store.js'
export { memoryClients, noClientKeys, noSessions } from './memory-clients.js'
