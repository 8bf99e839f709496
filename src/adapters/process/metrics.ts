/**
 * Metrics: how long requests and store operations take, and what was decided. Attributes have few possible values, and
 * contain neither identifiers nor data of patients.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Audit, AuditEvent, Store, StoreError } from '../../engine/ports.js'
import { ownMember } from '../../values/own.js'

/** The attributes of a measurement. */
export type MetricAttributes = Readonly<Record<string, string | number>>

/** Receives the measurements. What it throws is ignored. */
export interface Metrics {
  /** A duration in seconds. */
  readonly duration: (name: string, seconds: number, attributes: MetricAttributes) => void
  /** An event that is counted. */
  readonly count: (name: string, attributes: MetricAttributes) => void
}

/**
 * The names of the measurements. The first two, and their attributes, are those of the OpenTelemetry semantic
 * conventions for HTTP servers and database clients.
 */
export const metricNames = {
  request: 'http.server.request.duration',
  store: 'db.client.operation.duration',
  decision: 'smart_app_launch.decisions',
  shed: 'smart_app_launch.requests_shed'
} as const

/** Calls a function of the host that must not influence a response. */
const ignoringErrors = (call: () => void): void => {
  try {
    call()
  } catch {
    // A measurement is lost, and nothing else.
  }
}

/** Records a duration since `start`, a time of `performance.now()`. */
export const recordDuration = (metrics: Metrics, name: string, start: number, attributes: MetricAttributes): void => {
  ignoringErrors(() => {
    metrics.duration(name, (performance.now() - start) / 1000, attributes)
  })
}

/** Counts an event. */
export const recordCount = (metrics: Metrics, name: string, attributes: MetricAttributes): void => {
  ignoringErrors(() => {
    metrics.count(name, attributes)
  })
}

/**
 * A store whose operations are measured: `db.operation.name` is `load` or `swap`, `outcome` is `found`, `absent`,
 * `won`, `lost`, `unavailable` (certainly not applied) or `unknown`.
 */
export const meteredStore = (store: Store, metrics: Metrics): Store => {
  const measured = async <Done>(
    operation: string,
    work: () => Promise<Either.Either<StoreError, Done>>,
    outcomeOf: (done: Done) => string
  ): Promise<Either.Either<StoreError, Done>> => {
    const start = performance.now()
    const result = await work()
    const failed = (error: StoreError): string => (error.applied === 'no' ? 'unavailable' : 'unknown')
    recordDuration(metrics, metricNames.store, start, {
      'db.operation.name': operation,
      outcome: Either.isLeft(result) ? failed(result.left) : outcomeOf(result.right)
    })
    return result
  }
  return {
    load: (key) => () => measured('load', store.load(key), ({ _tag }) => (_tag === 'Some' ? 'found' : 'absent')),
    swap: (key, expected, text, expiresAt) => () =>
      measured('swap', store.swap(key, expected, text, expiresAt), (outcome) => outcome)
  }
}

/**
 * Counts a decision: its kind, and the reason of a refusal, which is the rule for a FHIR request. Neither client nor
 * user is an attribute.
 */
export const countDecision = (metrics: Metrics, { decision, refusal, access }: AuditEvent): void => {
  const reason = refusal?._tag ?? access?.rule ?? null
  recordCount(metrics, metricNames.decision, { decision, ...(reason === null ? {} : { 'error.type': reason }) })
}

/** An audit port that counts each decision before it is recorded. */
export const meteredAudit = (audit: Audit, metrics: Metrics): Audit => ({
  record: (event) => () => {
    countDecision(metrics, event)
    audit.record(event)()
  }
})

/** The part of an OpenTelemetry `Meter` that is used. */
export interface Meter {
  /** Makes a histogram. */
  readonly createHistogram: (
    name: string,
    options?: { readonly unit?: string }
  ) => {
    /** Records a value. */
    readonly record: (value: number, attributes?: Record<string, string | number>) => void
  }
  /** Makes a counter. */
  readonly createCounter: (name: string) => {
    /** Adds to the counter. */
    readonly add: (value: number, attributes?: Record<string, string | number>) => void
  }
}

/**
 * Metrics that go to an OpenTelemetry meter, as `metrics.getMeter('smart-app-launch')` of `@opentelemetry/api` gives
 * it.
 */
export const openTelemetryMetrics = (meter: Meter): Metrics => {
  const histograms = {
    [metricNames.request]: meter.createHistogram(metricNames.request, { unit: 's' }),
    [metricNames.store]: meter.createHistogram(metricNames.store, { unit: 's' })
  }
  const counters = {
    [metricNames.decision]: meter.createCounter(metricNames.decision),
    [metricNames.shed]: meter.createCounter(metricNames.shed)
  }
  return {
    duration: (name, seconds, attributes) => {
      ownMember(histograms, name as keyof typeof histograms)?.record(seconds, { ...attributes })
    },
    count: (name, attributes) => {
      ownMember(counters, name as keyof typeof counters)?.add(1, { ...attributes })
    }
  }
}
