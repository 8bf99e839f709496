/**
 * Own members of objects. An inherited member must not act as a setting, an option, a header or a member of a message:
 * prototype pollution anywhere in the host's process can add members to `Object.prototype`.
 *
 * Data is read in one of two ways: one member at a time with {@link ownMember}, or from a copy without prototype that
 * is made once where the data enters ({@link ownMembers}, {@link ownData}). The objects of `parseJson` have no
 * prototype either.
 *
 * @module
 */

/** Whether an object is plain: it has no prototype, or a prototype without a prototype. */
export const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** An empty object, for options, settings or headers that were not given. */
export const noMembers: Readonly<Record<string, never>> = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.create(null) as Record<string, never>
)

/**
 * An own member of an object; undefined when the object has none, even if it inherits one.
 *
 * @example
 * ```ts
 * import { ownMember } from './own.js'
 *
 * ownMember({ patient: '123' }, 'patient') // => '123'
 * ownMember({} as Record<string, unknown>, 'toString') // => undefined
 * ```
 */
export const ownMember = <Data extends object, Name extends keyof Data>(
  data: Data,
  name: Name
): Data[Name] | undefined => (Object.hasOwn(data, name) ? data[name] : undefined)

/** A shallow copy of an object without prototype. */
export const ownCopy = <Data extends object>(data: Data): Data => Object.assign(Object.create(null) as Data, data)

/** The object itself when it has no prototype, otherwise a shallow copy without prototype. */
export const ownMembers = <Data extends object>(data: Data): Data =>
  Object.getPrototypeOf(data) === null ? data : ownCopy(data)

/** How deep {@link ownData} copies. Settings and options are not that deep, and deeper data comes as JSON. */
const levelsCopied = 32

const copied = (value: unknown, levels: number): unknown => {
  if (typeof value !== 'object' || value === null || levels === 0) return value
  if (Array.isArray(value)) return value.map((held: unknown) => copied(held, levels - 1))
  if (!isPlain(value)) return value
  const copy = Object.create(null) as Record<string, unknown>
  for (const [name, held] of Object.entries(value)) copy[name] = copied(held, levels - 1)
  return copy
}

/**
 * A deep copy of plain data without prototypes. Functions, class instances and everything deeper than 32 levels are not
 * copied.
 *
 * @example
 * ```ts
 * import { ownData } from './own.js'
 *
 * const settings = ownData({ policy: { specVersion: '2.0.0' } })
 * Object.getPrototypeOf(settings.policy) // => null
 * settings // => { policy: { specVersion: '2.0.0' } }
 * ```
 */
export const ownData = <Data>(data: Data): Data => copied(data, levelsCopied) as Data
