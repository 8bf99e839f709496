import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/adapters/memory.js'
import { nodeHandler } from '../../../src/adapters/node.js'
import { gracefulStop } from '../../../src/adapters/process/graceful-stop.js'
import { healthListener } from '../../../src/adapters/process/health-listener.js'
import { processHealth } from '../../../src/adapters/process/health.js'
import { meteredAudit, meteredStore, metricNames, openTelemetryMetrics } from '../../../src/adapters/process/metrics.js'
import type { MetricAttributes, Metrics } from '../../../src/adapters/process/metrics.js'
import { webHandler } from '../../../src/adapters/web.js'
import type { Store } from '../../../src/engine/ports.js'

const later = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })

const recorded = (): Metrics & { readonly all: Array<readonly [string, MetricAttributes]> } => {
  const all: Array<readonly [string, MetricAttributes]> = []
  return {
    all,
    duration: (name, seconds, attributes) => {
      expect(seconds).toBeGreaterThanOrEqual(0)
      all.push([name, attributes])
    },
    count: (name, attributes) => {
      all.push([name, attributes])
    }
  }
}

describe('health', () => {
  const get = (path: string, method = 'GET') => ({ method, path })

  it('lives, and is ready when every check passes', async () => {
    const health = processHealth({ checks: { store: () => Promise.resolve(null), keys: () => undefined } })
    expect(await health.answer(get('/health/live'))).toMatchObject({ status: 200, body: '{"status":"pass"}' })
    expect(await health.answer(get('/health/ready', 'HEAD'))).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: '{"status":"pass","checks":{"store":"pass","keys":"pass"}}'
    })
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('password of the database')
      }
    ],
    ['rejects', () => Promise.reject(new Error('password of the database'))],
    ['never ends', () => new Promise(() => undefined)]
  ])('is not ready, without a reason for unknown callers, when a check %s', async (_, check) => {
    const health = processHealth({ checks: { store: check }, timeoutMilliseconds: 20 })
    expect(await health.answer(get('/health/ready'))).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: '{"status":"fail","checks":{"store":"fail"}}'
    })
    expect(await health.answer(get('/health/live'))).toMatchObject({ status: 200 })
  })

  it('is alive but not ready once it stops', async () => {
    const health = processHealth()
    health.markStopping()
    expect(await health.answer(get('/health/ready'))).toMatchObject({ status: 503 })
    expect(await health.answer(get('/health/live'))).toMatchObject({ status: 200 })
  })

  it('is answered by a Node server, also when everything else is shed', async () => {
    const health = processHealth()
    const handle = nodeHandler(() => Task.of({ status: 200, headers: {}, body: 'other' }), { requestsAtOnce: 0 })
    const server = createServer(healthListener(health, handle))
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
    expect(await (await fetch(`${base}/health/ready?x=1`)).json()).toEqual({ status: 'pass', checks: {} })
    expect((await fetch(`${base}/health/readier`)).status).toBe(503)
    server.close()
    server.closeAllConnections()
  })

  it('runs the checks once for many requests', async () => {
    let runs = 0
    const health = processHealth({ checks: { store: () => (runs += 1) } })
    await Promise.all(Array.from({ length: 100 }, () => health.answer(get('/health/ready'))))
    expect(runs).toBe(1)
  })

  it('answers no other path and no other method', async () => {
    const health = processHealth({ path: '/base/health' })
    expect(health.handles('/base/health/live')).toBe(true)
    for (const path of ['/health/live', '/base/health/ready/more', '/base/health']) {
      expect(health.handles(path)).toBe(false)
      expect(await health.answer(get(path))).toMatchObject({ status: 404 })
    }
    expect(await health.answer(get('/base/health/live', 'POST'))).toMatchObject({ status: 405 })
  })
})

describe('metrics', () => {
  it('names the outcome of each store operation', async () => {
    const metrics = recorded()
    const store = meteredStore(memoryStore({ now: () => 100 }), metrics)
    await store.load('a')()
    await store.swap('a', Option.none, '1', 200)()
    await store.load('a')()
    await store.swap('a', Option.none, '2', 200)()
    const failing = (applied: 'no' | 'unknown'): Store => ({
      load: () => TaskEither.left({ _tag: 'Unavailable', applied }),
      swap: () => TaskEither.left({ _tag: 'Unavailable', applied })
    })
    await meteredStore(failing('no'), metrics).load('a')()
    await meteredStore(failing('unknown'), metrics).swap('a', Option.none, '2', 200)()
    expect(metrics.all.map(([name, attributes]) => [name, ...Object.values(attributes)])).toEqual([
      [metricNames.store, 'load', 'absent'],
      [metricNames.store, 'swap', 'won'],
      [metricNames.store, 'load', 'found'],
      [metricNames.store, 'swap', 'lost'],
      [metricNames.store, 'load', 'unavailable'],
      [metricNames.store, 'swap', 'unknown']
    ])
  })

  it('measures requests without a path that names a patient', async () => {
    const metrics = recorded()
    const handle = webHandler(
      ({ path }) => Task.of({ status: path.endsWith('token') ? 400 : 200, headers: {}, body: '' }),
      {
        metrics
      }
    )
    await handle(new Request('https://ehr.example/auth/token', { method: 'POST', body: 'a=b' }))
    await handle(new Request('https://ehr.example/fhir/Patient/secret-id?name=Smith'))
    await handle(new Request('https://ehr.example/fhir', { method: 'PURGE' }))
    expect(metrics.all).toEqual([
      [metricNames.request, { 'http.request.method': 'POST', 'http.route': 'token', 'http.response.status_code': 400 }],
      [metricNames.request, { 'http.request.method': 'GET', 'http.route': 'other', 'http.response.status_code': 200 }],
      [
        metricNames.request,
        { 'http.request.method': '_OTHER', 'http.route': 'other', 'http.response.status_code': 200 }
      ]
    ])
  })

  it('counts decisions by kind and reason', () => {
    const metrics = recorded()
    const heard: Array<string> = []
    const audit = meteredAudit(
      {
        record:
          ({ decision }) =>
          () =>
            heard.push(decision)
      },
      metrics
    )
    const event = { at: 1, clientId: 'app', grantId: 'g' }
    audit.record({ ...event, decision: 'TokensIssued', refusal: null })()
    audit.record({ ...event, decision: 'Refused', refusal: { _tag: 'CodeExpired' } })()
    expect(heard).toEqual(['TokensIssued', 'Refused'])
    expect(metrics.all).toEqual([
      [metricNames.decision, { decision: 'TokensIssued' }],
      [metricNames.decision, { decision: 'Refused', 'error.type': 'CodeExpired' }]
    ])
  })

  it('changes no response when a meter throws', async () => {
    const fail = (): never => {
      throw new Error('no meter')
    }
    const metrics = { duration: fail, count: fail }
    const handle = webHandler(() => Task.of({ status: 204, headers: {}, body: '' }), { metrics })
    expect((await handle(new Request('https://ehr.example/'))).status).toBe(204)
    expect(await meteredStore(memoryStore({ now: () => 100 }), metrics).load('a')()).toEqual({
      _tag: 'Right',
      right: Option.none
    })
  })

  it('reaches the OpenTelemetry SDK', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })
    const provider = new MeterProvider({ readers: [reader] })
    const metrics = openTelemetryMetrics(provider.getMeter('smart-app-launch'))
    const handle = webHandler(() => Task.of({ status: 200, headers: {}, body: '' }), { metrics, requestsAtOnce: 0 })
    await handle(new Request('https://ehr.example/token'))
    await meteredStore(memoryStore({ now: () => 100 }), metrics).load('a')()
    metrics.count('not one of ours', {})
    await reader.forceFlush()
    const found = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap((scope) => scope.metrics)
      .map(({ descriptor, dataPoints }) => [descriptor.name, descriptor.unit, dataPoints[0]?.attributes])
    await provider.shutdown()
    expect(found).toEqual([
      [
        metricNames.request,
        's',
        { 'http.request.method': 'GET', 'http.route': 'token', 'http.response.status_code': 503 }
      ],
      [metricNames.store, 's', { 'db.operation.name': 'load', outcome: 'absent' }],
      [metricNames.shed, '', { 'http.request.method': 'GET', 'http.route': 'token' }]
    ])
  })
})

describe('load shedding', () => {
  it('answers 503 with Retry-After beyond the limit, and recovers', async () => {
    let finish: () => void = () => undefined
    const handle = webHandler(
      () => () =>
        new Promise((resolve) => {
          finish = () => {
            resolve({ status: 200, headers: {}, body: '' })
          }
        }),
      { requestsAtOnce: 1 }
    )
    const first = handle(new Request('https://ehr.example/token'))
    await later(5)
    const second = await handle(new Request('https://ehr.example/token'))
    expect(second.status).toBe(503)
    expect(second.headers.get('retry-after')).toBe('1')
    expect(await second.json()).toMatchObject({ error: 'temporarily_unavailable' })
    finish()
    expect((await first).status).toBe(200)
    const third = handle(new Request('https://ehr.example/token'))
    await later(5)
    finish()
    expect((await third).status).toBe(200)
  })

  it('counts a request whose client has left as ended', async () => {
    const handle = webHandler(() => () => new Promise(() => undefined), { requestsAtOnce: 1 })
    const client = new AbortController()
    void handle(new Request('https://ehr.example/', { signal: client.signal }))
    await later(5)
    expect((await handle(new Request('https://ehr.example/'))).status).toBe(503)
    client.abort()
    const next = handle(new Request('https://ehr.example/', { signal: AbortSignal.timeout(50) }))
    expect(await Promise.race([next, later(20)])).toBeUndefined()
    await later(60)
  })

  it('counts a request that failed as ended', async () => {
    const handle = webHandler(() => () => Promise.reject(new Error('defect')), {
      requestsAtOnce: 1,
      onDefect: () => undefined
    })
    expect((await handle(new Request('https://ehr.example/'))).status).toBe(500)
    expect((await handle(new Request('https://ehr.example/'))).status).toBe(500)
  })

  it('sheds while the event loop is late', async () => {
    const handle = webHandler(() => Task.of({ status: 200, headers: {}, body: '' }), {
      eventLoopDelayMilliseconds: 100
    })
    const status = async (): Promise<number> => (await handle(new Request('https://ehr.example/'))).status
    await status()
    await later(60)
    expect(await status()).toBe(200)
    const until = performance.now() + 400
    while (performance.now() < until);
    await later(0)
    expect(await status()).toBe(503)
    await later(100)
    expect(await status()).toBe(200)
  })
})

describe('stopping', () => {
  /** A server whose responses end when `finish` is called; connections to it keep what they received. */
  const world = async () => {
    const ends: Array<() => void> = []
    let received = 0
    const health = processHealth()
    const server = createServer(
      nodeHandler(({ path }) => () => {
        received += 1
        return new Promise((resolve) => {
          ends.push(() => {
            resolve({ status: 200, headers: {}, body: path })
          })
        })
      })
    )
    const stoppable = gracefulStop(server, { health, graceMilliseconds: 2000 })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.address() as AddressInfo
    const open = (): { readonly socket: Socket; readonly text: () => string; readonly isClosed: () => boolean } => {
      let [text, isClosed] = ['', false]
      const socket = connect(port, '127.0.0.1')
        .on('data', (chunk: Buffer) => {
          text += chunk.toString()
        })
        .on('close', () => {
          isClosed = true
        })
        .on('error', () => undefined)
      return { socket, text: () => text, isClosed: () => isClosed }
    }
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) await later(2)
    }
    const finish = (): void => {
      for (const end of ends.splice(0)) end()
    }
    return { ...stoppable, health, server, open, until, finish, received: () => received, port }
  }
  const request = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`

  it('finishes accepted requests, closes idle connections, and accepts no new ones', async () => {
    const { stop, health, open, until, finish, received, inProgress } = await world()
    const idle = open()
    const busy = open()
    busy.socket.write(request('/one'))
    await until(() => received() === 1)
    expect(inProgress()).toBe(1)
    const stopped = stop()
    await until(idle.isClosed)
    expect(await health.answer({ method: 'GET', path: '/health/ready' })).toMatchObject({ status: 503 })
    const late = open()
    await until(late.isClosed)
    finish()
    expect(await stopped).toBe(0)
    await until(busy.isClosed)
    expect(busy.text()).toMatch(/^HTTP\/1.1 200 .*connection: close.*\/one$/is)
    expect(late.text()).toBe('')
  })

  it('answers every pipelined request that was accepted', async () => {
    const { stop, open, until, finish, received, inProgress } = await world()
    const busy = open()
    busy.socket.write(request('/one') + request('/two') + request('/three'))
    await until(() => inProgress() === 3)
    const stopped = stop()
    for (let answered = 1; answered <= 3; answered++) {
      await until(() => received() === answered)
      finish()
    }
    expect(await stopped).toBe(0)
    await until(busy.isClosed)
    expect(busy.text().match(/\/(one|two|three)$|\/(one|two)(?=HTTP)/g)).toEqual(['/one', '/two', '/three'])
    expect(busy.text().match(/connection: close/gi)).toHaveLength(1)
  })

  it('cuts off requests that outlast the grace, and says how many', async () => {
    const { stop, open, until, received } = await world()
    const busy = open()
    busy.socket.write(request('/one'))
    await until(() => received() === 1)
    expect(await stop()).toBe(1)
    expect(await stop()).toBe(1)
    await until(busy.isClosed)
    expect(busy.text()).toBe('')
  })
})
