/** Words that differ, of one length. */
export const word = (place: number): string => place.toString(36).padStart(4, '0')

/** So many of what a function makes of a place. */
export const times = <A>(size: number, one: (place: number) => A): ReadonlyArray<A> =>
  Array.from({ length: size }, (_, place) => one(place))

/** The same, put together as a text. */
export const list = (size: number, one: (place: number) => string, separator = ' '): string =>
  times(size, one).join(separator)
