/**
 * What an object says itself, and nothing that it inherits: whoever plants a member on `Object.prototype` (prototype
 * pollution, by a fault anywhere in a host's process) must not become a setting, an option, a header or a member of a
 * message.
 *
 * Data is read in one of two ways: a member at a time with {@link ownMember}, or from a copy that inherits nothing,
 * made once where the data enters ({@link ownMembers}, {@link ownData}). What `parseJson` reads inherits nothing
 * either.
 *
 * @module
 */

/** An object without a class: one whose prototype has no prototype, or none at all. */
export const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** No member at all: what stands for options, settings or headers that were not given. */
export const noMembers: Readonly<Record<string, never>> = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.create(null) as Record<string, never>
)

/**
 * A member that an object has itself; undefined where it has none, whatever it inherits.
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

/** A copy of an object with the same members that inherits nothing. What its members hold is not copied. */
export const ownCopy = <Data extends object>(data: Data): Data => Object.assign(Object.create(null) as Data, data)

/**
 * An object with the same members that inherits nothing: the object itself where it inherits nothing already, else a
 * copy.
 */
export const ownMembers = <Data extends object>(data: Data): Data =>
  Object.getPrototypeOf(data) === null ? data : ownCopy(data)

/** How deep {@link ownData} copies. Settings and options are less deep, and what is deeper comes as JSON. */
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
 * Plain data as a copy that inherits nothing, arrays and objects in it included. Functions and instances of classes are
 * left as they are, and so is what lies deeper than 32 levels.
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
