/**
 * Refusals at the simulator's own addresses, for the log: the engine does not know them. None of their texts contains
 * what a user typed or a link held, except where it is known to be no secret.
 */
import type { LogLine } from './log-line.js'
import { claimedIn } from './log-line.js'
import type { Rule } from '../../protocol/machine/rules.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember } from '../../values/own.js'
import { shown } from '../../values/shown-text.js'
import type { EpochSeconds } from '../../values/time.js'

/** The rules: what happened, what would have been accepted, and the source. */
export const ownRefusals = {
  UserUnknown: {
    what: 'A sign-in named no user of this simulator.',
    accepted: 'The sign-in page lists the users with their passwords.',
    anchor: 'rfc6749#section-3.1'
  },
  PasswordWrong: {
    what: 'The password at the sign-in was not that of the user.',
    accepted: 'The sign-in page lists the users with their passwords.',
    anchor: 'rfc6749#section-3.1'
  },
  UserNotOfSetting: {
    what: 'A user signed in, and the launch setting in the address names another one.',
    accepted: 'Only the user of the launch setting can go on there.',
    anchor: 'docs/simulator.md#launch-settings'
  },
  LaunchSettingWrong: {
    what: 'The launch setting in the address is wrong, so there is no server at it.',
    accepted: 'The launch page makes links with settings; the documentation lists their members.',
    anchor: 'docs/simulator.md#launch-settings'
  },
  LaunchMethodWrong: {
    what: 'A launch was not requested with GET.',
    accepted: 'Launches are started with GET.',
    anchor: 'docs/simulator.md#launch-your-own-app'
  },
  LaunchImpossible: {
    what: 'The record system could not launch the app.',
    accepted: 'The launch page makes addresses of launches.',
    anchor: 'app-launch#step-2-launch-ehr'
  },
  FrameImpossible: {
    what: 'The app could not be launched in a frame.',
    accepted: 'A launch in a frame names a patient, and its setting leaves out the sign-in and the consent.',
    anchor: 'docs/simulator.md#launch-settings'
  },
  AppFieldsWrong: {
    what: 'The form of an app was not accepted.',
    accepted: 'The form says beside each field what it takes.',
    anchor: 'rfc7591#section-2'
  },
  AppNotManaged: {
    what: 'The page of apps did not change or remove an app.',
    accepted: 'The page of apps changes and removes registered apps, also those that registered themselves.',
    anchor: 'docs/simulator.md#apps'
  },
  MetadataFormat: {
    what: 'The CapabilityStatement was requested in a format that this server does not have.',
    accepted: 'JSON in the FHIR version of this server, which needs no _format and no Accept.',
    anchor: 'docs/fhir-interactions.md'
  },
  OriginNotShared: {
    what: 'A page wanted to send a request, and its browser does not send it, because the page is of another origin.',
    accepted:
      'Pages of the origins of registered redirect URIs may call this server (CORS). Register a redirect URI of the ' +
      'origin of the page.',
    anchor: 'docs/simulator.md#the-log'
  },
  RegistrationClosed: {
    what: 'An app tried to register itself, and registration is closed here.',
    accepted:
      'The configuration opens it with its member registration (open, or token), as the page of apps shows. Apps are ' +
      'registered on the page of apps, or launched by their URLs without a registration.',
    anchor: 'rfc7591#section-3'
  }
} as const satisfies Readonly<Record<string, Pick<LogLine, 'what' | 'anchor'> & { readonly accepted: string }>>

/** A broken rule of a table: its name, its sentence, and what it accepts. */
export interface BrokenRule {
  readonly name: string
  readonly sentence: string
  readonly accepted: string
}

/** The first broken rule of a table whose refusals are sentences; `advice` says what each rule accepts. */
export const firstBroken = <Facts>(
  rules: ReadonlyArray<Rule<Facts, string>>,
  facts: Facts,
  advice: Readonly<Record<string, string>>
): BrokenRule | null => {
  for (const { check, name } of rules) {
    const sentence = check(facts)
    if (sentence !== null) return { name, sentence, accepted: ownMember(advice, name) ?? '' }
  }
  return null
}

/** A refusal by a rule of {@link ownRefusals}. */
export interface OwnRefusal {
  readonly rule: keyof typeof ownRefusals
  /** The rule of a table that is broken. */
  readonly broken?: BrokenRule | null
  /** Names and values that are no secrets. */
  readonly details?: LogLine['details']
  readonly clientId?: string | null
  readonly userSub?: string | null
}

/** The line of such a refusal; `hide` removes the secrets of the request. */
export const ownLine = (
  { broken = null, clientId = null, details = [], rule, userSub = null }: OwnRefusal,
  at: EpochSeconds,
  place: Pick<LogLine, 'id' | 'server' | 'request'>,
  hide: (text: string) => string
): LogLine => {
  const { accepted, anchor, what } = ownRefusals[rule]
  return {
    ...place,
    at,
    decision: 'Refused',
    kind: 'refusals',
    clientId,
    claimedClientId: clientId === null ? claimedIn(place.request) : null,
    grantId: null,
    userSub,
    patient: null,
    access: null,
    what: broken === null ? what : `${what} ${hide(broken.sentence)}`,
    rule: broken?.name ?? rule,
    details: details.map(([name, value]) => [name, shown(hide(value), limits.shownDetail.default)]),
    anchor,
    accepted: broken?.accepted ?? accepted,
    answer: null,
    hiddenFrom: null,
    misbehavior: null
  }
}
