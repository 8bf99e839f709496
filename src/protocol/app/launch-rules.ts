/**
 * The rules of a launch request at an app, one row each: its parameters, the server that it names, and the app's key.
 *
 * Source: app-launch, "Launch App: EHR Launch".
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { AppFailure } from './failure.js'
import type { Trust } from './trusted-server.js'
import { discoveryUrl } from '../discovery/endpoint-url.js'
import type { FormReadingError, Parameters } from '../http/form.js'
import { repeated } from '../http/form.js'
import type { Rule } from '../machine/rules.js'
import { isAbsoluteHttpUrl, isSecureUrl } from '../../values/urls.js'

interface ReadLaunchRequest {
  readonly parameters: Either.Either<FormReadingError, Parameters>
}

const isMissing = ({ parameters }: ReadLaunchRequest, name: string): boolean =>
  Either.isRight(parameters) && !parameters.right.has(name)

/** The rules of the parameters of an EHR launch. */
export const launchParameterRules: ReadonlyArray<Rule<ReadLaunchRequest, AppFailure>> = [
  {
    name: 'query-readable',
    check: ({ parameters }) => (Either.isLeft(parameters) ? { _tag: 'LaunchUnreadable' } : null)
  },
  {
    name: 'no-repeated-parameter',
    check: ({ parameters }: ReadLaunchRequest): AppFailure | null => {
      const name = Either.isRight(parameters) ? repeated(parameters.right, ['iss', 'launch']) : null
      return name === null ? null : { _tag: 'LaunchParameterRepeated', name }
    }
  },
  {
    name: 'iss-present',
    check: (facts) => (isMissing(facts, 'iss') ? { _tag: 'LaunchParameterMissing', name: 'iss' } : null)
  },
  {
    name: 'launch-present',
    check: (facts) => (isMissing(facts, 'launch') ? { _tag: 'LaunchParameterMissing', name: 'launch' } : null)
  }
]

interface AssertionKey {
  /** How the app authenticates. */
  readonly method: string
  /** The algorithms of the app's keys; null when they are not known. */
  readonly own: ReadonlyArray<string> | null
  /** The algorithms that the server lists; null when it lists none. */
  readonly offered: ReadonlyArray<string> | null
}

/** The rules of the key with which the app will sign assertions. They must hold before the browser leaves. */
export const assertionKeyRules: ReadonlyArray<Rule<AssertionKey, AppFailure>> = [
  {
    name: 'algorithm-offered',
    check: ({ method, own, offered }) =>
      method !== 'private_key_jwt' || own === null || offered === null || own.some((alg) => offered.includes(alg))
        ? null
        : { _tag: 'AlgorithmNotOffered', own, offered }
  }
]

interface LaunchServerFacts {
  readonly iss: string
  readonly trust: Trust
}

/** The rules of the server that a launch names. They must hold before anything is sent. */
export const launchServerRules: ReadonlyArray<Rule<LaunchServerFacts, AppFailure>> = [
  {
    name: 'iss-well-formed',
    check: ({ iss }) => (!isAbsoluteHttpUrl(iss) || iss.includes('?') ? { _tag: 'IssMalformed' } : null)
  },
  { name: 'iss-trusted', check: ({ iss, trust }) => (trust(iss) === null ? { _tag: 'IssNotTrusted', iss } : null) },
  {
    name: 'discovery-url-secure',
    check: ({ iss, trust }: LaunchServerFacts): AppFailure | null => {
      const server = trust(iss)
      const url = server === null ? null : discoveryUrl(server.fhirBaseUrl)
      return url === null || isSecureUrl(url) ? null : { _tag: 'EndpointInsecure', member: 'iss', url }
    }
  }
]
