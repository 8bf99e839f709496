/** The stores of a cluster, by address. */
import type { ReferenceForm } from './reference-store.js'
import { referenceStore } from './reference-store.js'
import type { Store } from '../../../src/engine/ports.js'

/** Opens the store that an address names: `reference+<form>://<host>:<port>`. */
export const openClusterStore = (address: string): Promise<Store> => {
  const [, form, rest] = /^reference\+(\w+):\/\/(.*)$/.exec(address) ?? []
  if (form !== undefined) return Promise.resolve(referenceStore(form as ReferenceForm, `http://${rest ?? ''}`))
  return Promise.reject(new Error(`no store is known by ${address}`))
}
