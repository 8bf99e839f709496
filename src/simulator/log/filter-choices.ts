/** What the form of the log can be filtered by: the apps and the grants that it names. */
import type { AppsKnown } from './app-name.js'
import { appNameAt } from './app-name.js'
import type { LineFacts } from './explained-line.js'
import { clientOfLine } from './explained-line.js'
import type { LogLine } from './log-line.js'
import { grantHandle } from '../grants/grant-view.js'
import type { LogPage } from '../pages/log.js'

/** The apps of lines, by their ids. Where several apps have an id, it stands alone. */
export const appChoices = (lines: ReadonlyArray<LogLine>, known: AppsKnown): LogPage['apps'] => {
  const found = new Map<string, string>()
  for (const { claimedClientId, clientId, server } of lines) {
    const id = clientId ?? claimedClientId
    if (id === null) continue
    const name = appNameAt(known, id, server.setting)
    found.set(id, (found.get(id) ?? name) === name ? name : id)
  }
  return [...found].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([id, name]) => ({ id, name }))
}

/** A grant with its app, its patient and the time of its first line. */
export const grantChoice = (first: LogLine, grantId: string, facts: LineFacts): LogPage['grants'][number] => {
  const { clientId } = clientOfLine(first, facts.lines)
  return {
    handle: grantHandle(grantId),
    app: clientId === null ? 'an app' : appNameAt(facts, clientId, first.server.setting),
    patient: facts.grants.get(grantId)?.patientName ?? null,
    at: first.at
  }
}
