/** The options of `serve`, their help, and what is said when one is mistyped. */
import { defaultPublicBaseUrl } from '../simulator/config/config.js'
import { ownMember } from '../values/own.js'

/** The options, as `parseArgs` takes them. */
export const serveOptions = {
  config: { type: 'string' },
  store: { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string' },
  'public-url': { type: 'string' }
} as const

/** The help of `serve`. */
export const serveUsage = `npm start -- [options]              in a clone of the repository
smart-app-launch serve [options]    where the package is installed

Serves the simulator at ${defaultPublicBaseUrl}/ until Ctrl+C.

--port N              the port; default 4010, and 0 for any free one
--host ADDRESS        the address to listen on; default 127.0.0.1, and 0.0.0.0 for all
--public-url URL      the address in links, which other machines reach; https, or http on this machine
--config file.json    the configuration: apps, users, policy; docs/simulator.md describes it
--store ADDRESS       where the data are kept: memory (default), sqlite:file, redis://..., postgres://..., etcd://...`

/** Whether one change makes a text of another: a letter more, less, or another one, or two in the other order. */
const isOneChangeFrom = (one: string, other: string): boolean => {
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  const at = Array.from({ length: short.length }, (_, index) => index).findIndex(
    (index) => short[index] !== long[index]
  )
  if (at === -1) return long.length - short.length <= 1
  const [rest, longRest] = [short.slice(at), long.slice(at)]
  return rest.length === longRest.length
    ? rest.slice(1) === longRest.slice(1) ||
        (rest[0] === longRest[1] && rest[1] === longRest[0] && rest.slice(2) === longRest.slice(2))
    : rest === longRest.slice(1)
}

/** What follows the message about an unknown option: the option that was meant, if one is likely; else nothing. */
export const likelyOption = (message: string): string => {
  const unknown = /^Unknown option '--([^']{1,32})'/.exec(message)?.[1]
  const meant =
    unknown === undefined ? undefined : Object.keys(serveOptions).find((name) => isOneChangeFrom(name, unknown))
  return meant === undefined ? '' : `; did you mean --${meant}?`
}

/** The option that npm kept for itself in `npm start --port 5000`, where `--` is missing; null for none. */
export const takenByNpm = (environment: Readonly<Record<string, string | undefined>>): string | null =>
  ['port', 'host', 'public-url'].find(
    (name) => ownMember(environment, `npm_config_${name.replace('-', '_')}`) !== undefined
  ) ?? null
