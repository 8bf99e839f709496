/**
 * Being a good process: metrics, health, and stopping without losing a request.
 *
 * @module fp-ts/adapters/process
 */
export type { Meter, MetricAttributes, Metrics } from './process/metrics.js'
export { countDecision, meteredAudit, meteredStore, metricNames, openTelemetryMetrics } from './process/metrics.js'
export type { HealthOptions, ProcessHealth } from './process/health.js'
export { processHealth } from './process/health.js'
export type { NodeListener } from './process/health-listener.js'
export { healthListener } from './process/health-listener.js'
export type { StopOptions, StoppableServer } from './process/graceful-stop.js'
export { gracefulStop, stopOnSignals } from './process/graceful-stop.js'
export type { LoadOptions } from './process/load.js'
