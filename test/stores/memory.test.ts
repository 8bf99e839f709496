/** The memory store keeps the contract of a store. */
import { describe, it } from 'vitest'
import type { PlainMemoryStore } from '../../src/plain/memory.js'
import { createMemoryStore } from '../../src/plain/memory.js'
import { storeContract } from '../../src/testing.js'

describe('the memory store', () => {
  let shared: PlainMemoryStore | undefined
  for (const { title, run } of storeContract({ open: ({ clock }) => (shared ??= createMemoryStore({ clock })) }))
    it(title, run)
})
