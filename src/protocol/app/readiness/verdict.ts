/**
 * Whether an app can launch at a server, and the entry of the trust list that it needs.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { AppFailure } from '../failure.js'
import { appFailureTable, failureAdvice } from '../failure.js'
import { assertionKeyRules } from '../launch-rules.js'
import type { ServerTolerances, ToleranceName } from '../trust/tolerances.js'
import { readTolerances, toleranceNames, tolerancesOf, toleranceTable } from '../trust/tolerances.js'
import type { ServerDocuments, TrustEntry } from '../trust/trust-entry.js'
import { trustEntryFor } from '../trust/trust-entry.js'
import type { AppAuthentication, TrustedServer } from '../trusted-server.js'
import { chooseAuthentication } from '../trusted-server.js'
import { hasUsableKeys } from './identity-rules.js'
import type { Look } from './observed.js'
import { documentOf, permitsOrigin } from './observed.js'
import { pageBlockers } from './page-rules.js'
import type { ReadinessFacts } from './readiness-rule.js'
import { textMember, wantsIdentity } from './readiness-rule.js'
import { listOf } from '../../discovery/configuration-rule.js'
import { firstRefusal } from '../../machine/rules.js'
import { isObject } from '../../../values/object.js'
import { ownMember, ownMembers } from '../../../values/own.js'
import { isSecureUrl, originOf } from '../../../values/urls.js'

/** A member of the entry that the app must set. */
export interface NeededSetting {
  /** `identityOrigins`, `tolerances.pkceNotListed`, … */
  readonly setting: string
  /** What ends the launch without it. */
  readonly because: string
  /** What to consider before it is used, in one sentence. */
  readonly risk: string
}

/** Whether an app can launch, and what it must set. */
export interface Verdict {
  readonly launch: 'yes' | 'yesWithSettings' | 'no'
  /** Why the app cannot launch, and what helps; null if it can. */
  readonly obstacle: string | null
  /** The entry of the trust list; secrets are replaced. Null if no entry helps. */
  readonly entry: TrustedServer | null
  readonly settings: ReadonlyArray<NeededSetting>
}

/** What stands for a secret in a printed entry. */
export const secretPlaceholder = 'from your vault'

const withoutSecret = (one: AppAuthentication): AppAuthentication =>
  'clientSecret' in one ? { ...one, clientSecret: secretPlaceholder } : one

const refused = (obstacle: string): Verdict => ({ launch: 'no', obstacle, entry: null, settings: [] })

/** A failure in words, with the values that it names. */
const failureInWords = (failure: AppFailure): string => {
  const { _tag, ...values } = failure
  const details = Object.entries(values)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join('; ')
  return `${_tag}${details === '' ? '' : ` (${details})`}: ${appFailureTable[_tag].description}`
}

const refusedFor = (failure: AppFailure): Verdict => refused(`${failureInWords(failure)}; ${failureAdvice(failure)}`)

/** What the answers show besides the documents. */
type Shown = Readonly<Partial<Record<ToleranceName, { readonly value: unknown; readonly because: string }>>>

const openidLook = ({ observed }: ReadinessFacts): Look | undefined => ownMember(observed, 'openidConfiguration')

/** Whether the app can read an answer: in a page only with CORS. */
const isReadable = ({ observed, wanted }: ReadinessFacts, look: Look | undefined): boolean =>
  !wanted.browser || permitsOrigin(look, observed.origin)

/** Whether there was no answer, or one of a server that is out of order: the next one may be right. */
const isTransient = (look: Look | undefined): boolean =>
  look !== undefined && (look.response === null || look.response.status >= 500)

/** A name of the issuer in a document at another place of the same origin. */
const otherIssuer = (facts: ReadinessFacts): string | null => {
  const document = documentOf(ownMember(facts.observed, 'otherConfiguration'))
  const [other, issuer] = [textMember(document, 'issuer'), textMember(facts.smart, 'issuer')]
  return facts.openid === null && other !== null && issuer !== null && other !== issuer && isSecureUrl(other)
    ? [originOf(issuer), originOf(facts.wanted.fhirBaseUrl)].includes(originOf(other))
      ? other
      : null
    : null
}

const shownBy = (facts: ReadinessFacts): Shown => {
  const { observed } = facts
  const other = wantsIdentity(facts) ? otherIssuer(facts) : null
  const isRedirected =
    observed.smartConfiguration.redirects > 0 || (wantsIdentity(facts) && (openidLook(facts)?.redirects ?? 0) > 0)
  return {
    ...(isRedirected
      ? { discoveryRedirects: { value: true, because: appFailureTable.DiscoveryRedirected.description } }
      : {}),
    ...(other === null
      ? {}
      : {
          issuerAliases: {
            value: [...(tolerancesOf(facts.wanted).issuerAliases ?? []), other],
            because: 'a document at another place names this issuer, so id_tokens may carry it'
          }
        })
  }
}

const tolerancesWith = (wanted: TrustedServer, shown: Shown): ServerTolerances =>
  readTolerances({
    ...tolerancesOf(wanted),
    ...Object.fromEntries(Object.entries(shown).map(([name, { value }]) => [name, value]))
  })

/** The entry that the app begins with. */
const baseEntry = ({ wanted }: ReadinessFacts, tolerances: ServerTolerances): TrustedServer => {
  const {
    purpose: _purpose,
    scope: _scope,
    browser: _browser,
    signingAlgorithms: _signing,
    idTokenAlgorithms: _idToken,
    fhirBaseUrl,
    clientId,
    authentication,
    redirectUri,
    ...rest
  } = ownMembers(wanted)
  const entry = { fhirBaseUrl, clientId, authentication, redirectUri, ...rest }
  return Object.keys(tolerances).length === 0 ? entry : { ...entry, tolerances }
}

const documentsOf = (facts: ReadinessFacts): ServerDocuments => {
  const look = openidLook(facts)
  const smartConfiguration = facts.smart
  if (look === undefined) return { smartConfiguration }
  const document = isReadable(facts, look) ? documentOf(look) : null
  return { smartConfiguration, openidConfiguration: document }
}

const settingsOf = ({ entry, reasons }: TrustEntry, shown: Shown) => {
  const found = reasons.map(({ setting, failure, risk }): NeededSetting => ({
    setting,
    because: appFailureTable[failure._tag].description,
    risk
  }))
  const tolerated = tolerancesOf(entry)
  const rest = toleranceNames
    .filter((name) => ownMember(tolerated, name) !== undefined)
    .filter((name) => !found.some(({ setting }) => setting === `tolerances.${name}`))
    .map((name): NeededSetting => ({
      setting: `tolerances.${name}`,
      because: shown[name]?.because ?? 'the settings of the app have it',
      risk: toleranceTable[name].risk
    }))
  return { found, rest, needed: found.length > 0 || rest.length > 0 }
}

const keyFailure = (facts: ReadinessFacts, entry: TrustedServer): AppFailure | null => {
  const methods = listOf(facts.smart, 'token_endpoint_auth_methods_supported').filter((one) => typeof one === 'string')
  const method = chooseAuthentication(entry, methods.length === 0 ? null : methods)
  const algorithms = listOf(facts.smart, 'token_endpoint_auth_signing_alg_values_supported')
  return Either.isLeft(method)
    ? null
    : firstRefusal(assertionKeyRules, {
        method: method.right.method,
        own: facts.wanted.signingAlgorithms,
        offered: algorithms.length === 0 ? null : algorithms.filter((one) => typeof one === 'string')
      })
}

const unavailable = (look: Look): AppFailure => ({
  _tag: 'IdentityUnavailable',
  url: look.url,
  reason: look.response === null ? look.reason : `status ${String(look.response.status)}`
})

/** The verdict with what the answers show; `null` when the keys of id_tokens cannot be used. */
const entryWith = (facts: ReadinessFacts, shown: Shown): Verdict | null => {
  const identity = wantsIdentity(facts) && facts.wanted.purpose === 'launch'
  const wanted = { ...baseEntry(facts, tolerancesWith(facts.wanted, shown)), purpose: facts.wanted.purpose, identity }
  const found = trustEntryFor(documentsOf(facts), wanted)
  if (Either.isLeft(found)) return refusedFor(found.left)
  const { entry } = found.right
  const failure = keyFailure(facts, entry)
  if (failure !== null) return refusedFor(failure)
  const settings = settingsOf(found.right, shown)
  const openid = openidLook(facts)
  const isForDocument = settings.found.some(({ setting }) =>
    ['tolerances.keysOfSmartConfiguration', 'tolerances.tlsInsteadOfSignature'].includes(setting)
  )
  if (identity && openid !== undefined && isTransient(openid) && isForDocument) return refusedFor(unavailable(openid))
  const keys = ownMember(facts.observed, 'keys')
  if (identity && keys !== undefined && tolerancesOf(entry).tlsInsteadOfSignature !== true) {
    if (isTransient(keys)) return refusedFor(unavailable(keys))
    if (!isReadable(facts, keys) || !hasUsableKeys(facts)) return null
  }
  return {
    launch: settings.needed ? 'yesWithSettings' : 'yes',
    obstacle: null,
    entry: { ...entry, authentication: entry.authentication.map(withoutSecret) },
    settings: [...settings.found, ...settings.rest]
  }
}

/** Whether the app can launch, and what it must set. */
export const verdictOf = (facts: ReadinessFacts): Verdict => {
  if (!isObject(documentOf(facts.observed.smartConfiguration)))
    return refusedFor({ _tag: 'DocumentUnreadable', url: facts.observed.smartConfiguration.url })
  const blockers = facts.wanted.browser ? pageBlockers(facts) : []
  if (blockers.length > 0)
    return refused(
      `the app runs in a web page of ${facts.observed.origin}, which cannot use the ` +
        `${blockers.join(', the ')} (CORS); the server must permit the app's origin, ` +
        'or the app must run on a server'
    )
  const shown = shownBy(facts)
  const keys = 'the keys of id_tokens cannot be used'
  return (
    entryWith(facts, shown) ??
    entryWith(facts, { ...shown, tlsInsteadOfSignature: { value: true, because: keys } }) ??
    refused(keys)
  )
}
