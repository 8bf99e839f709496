/**
 * Makes the context of a server from its settings and ports.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { grantsIn } from './grant-store.js'
import { issuingName, serverName } from './server-name.js'
import { validatedClients, validatedPorts } from '../validated-ports.js'
import type { Ports } from '../ports.js'
import { withStoredClients } from './registration/stored-clients.js'
import { endpointsBelow, servedMethods } from '../../protocol/discovery/smart-configuration.js'
import { defaultFeatures, servedGrantTypes, withoutUsersIfNone } from '../../protocol/discovery/features.js'
import { allRefusals } from '../../protocol/machine/rules.js'
import type { SettingsError } from '../../protocol/policy/policy-check.js'
import { checkPolicy } from '../../protocol/policy/policy-check.js'
import { knownResourceSide } from '../../protocol/scope-policy/resource-side-check.js'
import { isForSystems } from '../../protocol/scope-policy/scope-policy.js'
import { parse } from '../../scopes/parse.js'
import { format } from '../../scopes/format.js'
import { limits } from '../../values/limits/limits.js'
import { noMembers, ownData } from '../../values/own.js'
import type { ServerContext } from './context.js'
import type { OfferedFeatures } from './settings-check.js'
import { offerRules, scopesOf, settingsRules, standardAlgorithms } from './settings-check.js'
import type { RegistrationSettings, ServerSettings } from './settings.js'

/** The context, with defaults for settings that are not given; left with all errors in the settings. */
export const serverContextOf = (
  given: ServerSettings,
  ports: Ports
): Either.Either<ReadonlyArray<SettingsError>, ServerContext> => {
  const settings = ownData(given)
  const wrong = allRefusals(settingsRules, settings).flat()
  const checked = checkPolicy(settings.policy ?? noMembers, settings.defaultScope !== undefined)
  if (wrong.length > 0 || Either.isLeft(checked)) {
    return Either.left([...wrong, ...(Either.isLeft(checked) ? checked.left : [])])
  }
  const policy = checked.right
  const features = withoutUsersIfNone({ ...defaultFeatures, ...settings.features })
  const side = knownResourceSide(features.resourceSide, settings.fhirBaseUrl)
  const offered: OfferedFeatures = { ...features, side }
  const scopesSupported = settings.scopesSupported ?? scopesOf(policy, offered)
  const contradicting = allRefusals(offerRules, { settings, policy, offered, scopesSupported }).flat()
  if (contradicting.length > 0) return Either.left(contradicting)
  const {
    mode = 'closed',
    initialAccessTokenDigests = [],
    scope,
    allowLoopback = false,
    limitPerHour = limits.registrationsPerHour.default,
    limitKept = limits.registrationsKept.default
  } = settings.registration ?? (noMembers as Partial<RegistrationSettings>)
  const registrable = parse(scope ?? scopesSupported.join(' ')).filter(
    (one) => scope !== undefined || !isForSystems(one)
  )
  const server = serverName(settings)
  const issuing = issuingName(settings)
  const validated = validatedPorts(ports)
  return Either.right({
    server,
    issuing,
    policy,
    grants: grantsIn(issuing, validated.store, policy, side),
    ports: {
      ...validated,
      clients:
        settings.registration === undefined ? validated.clients : validatedClients(withStoredClients(server, validated))
    },
    offer: { ...offered, defaultScope: parse(settings.defaultScope ?? '') },
    registration: {
      mode,
      initialAccessTokenDigests,
      scope: registrable,
      defaultScope: format(registrable),
      allowLoopback,
      methods: servedMethods({ features, policy }),
      servedGrantTypes: servedGrantTypes(policy, features).filter(
        (grantType) => mode !== 'open' || grantType !== 'client_credentials'
      ),
      limitPerHour,
      limitKept,
      isKept: settings.registration !== undefined
    },
    facts: {
      ...endpointsBelow(settings.issuer),
      fhirBaseUrl: settings.fhirBaseUrl,
      ...(settings.restoredAt === undefined ? {} : { restoredAt: settings.restoredAt }),
      scopesSupported,
      isRegistrationOpen: mode !== 'closed',
      assertionAlgorithms: settings.assertionAlgorithms ?? standardAlgorithms,
      features,
      policy
    }
  })
}
