/**
 * What decides whether etcd keeps an acknowledged write. The API of etcd does not show the flags of a member; what they
 * cause is visible in its metrics.
 *
 * @module
 */
import type { SettingText, UnsafeSetting } from '../durability.js'
import { wrongSetting } from '../durability.js'
import type { JsonObject } from '../../../values/object.js'
import type { EtcdClient } from './etcd-gateway.js'
import { etcdReason, getFrom, listIn, objectIn, postTo, textIn, toBase64 } from './etcd-gateway.js'

/** The settings by which etcd is refused, and which `acceptUnsafe` can name. */
export const etcdSettingNames = ['alarms', 'metrics-unreadable', 'unsafe-no-fsync'] as const

type Name = (typeof etcdSettingNames)[number]

const texts: Readonly<Record<Name, Pick<SettingText, 'required' | 'risk'>>> = {
  alarms: { required: 'none', risk: 'NOSPACE refuses writes; CORRUPT means that members differ' },
  'metrics-unreadable': { required: '/metrics', risk: 'whether writes are synced is not known' },
  'unsafe-no-fsync': { required: 'false', risk: 'a power cut loses acknowledged writes, or corrupts the member' }
}

/** The settings that are checked. */
export const etcdSettingTexts: ReadonlyArray<SettingText> = etcdSettingNames.map((setting) => ({
  setting,
  ...texts[setting],
  isAcceptable: true
}))

const unsafe = (setting: Name, found: string): UnsafeSetting => ({
  setting,
  found,
  ...texts[setting],
  isAcceptable: true
})

/** The value of a metric without labels; null when it is missing. */
const metric = (metrics: string, name: string): number | null => {
  const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics) ?? []
  return value === undefined ? null : Number(value)
}

/** Judges the metrics of one member: a member with `--unsafe-no-fsync` writes its log and never syncs it. */
const judgeMetrics = (metrics: string): ReadonlyArray<UnsafeSetting> => {
  const syncs = metric(metrics, 'etcd_disk_wal_fsync_duration_seconds_count')
  const committed = metric(metrics, 'etcd_server_proposals_committed_total')
  if (syncs === null || committed === null) return [unsafe('metrics-unreadable', 'no metrics of the log')]
  if (syncs > 0 || committed === 0) return []
  return [unsafe('unsafe-no-fsync', `${committed.toString()} writes, 0 syncs`)]
}

const metricsOf = async (
  client: EtcdClient,
  endpoint: string,
  signal: AbortSignal
): Promise<ReadonlyArray<UnsafeSetting>> => judgeMetrics((await getFrom(client, endpoint, '/metrics', signal)) ?? '')

/** The status of a member; the reason when it does not answer. */
const statusOf = async (client: EtcdClient, endpoint: string, signal: AbortSignal): Promise<JsonObject | string> => {
  const reply = await postTo(client, endpoint, '/v3/maintenance/status', {}, signal)
  return reply._tag === 'Answered' ? reply.body : etcdReason(reply)
}

/**
 * The unsafe settings of the members that answer. One member is enough: others may be down. All endpoints must be
 * members of one cluster.
 */
export const unsafeEtcdSettings = async (
  client: EtcdClient,
  prefix: string,
  signal: AbortSignal
): Promise<ReadonlyArray<UnsafeSetting>> => {
  const members = await Promise.all(
    client.endpoints.map(async (endpoint) => ({ endpoint, status: await statusOf(client, endpoint, signal) }))
  )
  const serving = members.flatMap(({ endpoint, status }) =>
    typeof status === 'string' || !/^[1-9]/.test(textIn(status, 'leader')) ? [] : [{ endpoint, status }]
  )
  const [first] = serving
  if (first === undefined) {
    const reasons = members.map(({ status }) => (typeof status === 'string' ? status : 'no leader'))
    const risk = 'nothing can be checked or stored'
    return [wrongSetting('endpoints', [...new Set(reasons)].join('; '), 'a member that has a leader', risk)]
  }
  const probe = await postTo(client, first.endpoint, '/v3/kv/range', { key: toBase64(`${prefix}settings`) }, signal)
  if (probe._tag !== 'Answered') {
    const risk = 'no record can be read'
    return [wrongSetting('headers', etcdReason(probe), 'the token of a user who may use the prefix', risk)]
  }
  const clusters = new Set(serving.map(({ status }) => textIn(objectIn(status, 'header'), 'cluster_id')))
  const versions = serving.map(({ status }) => textIn(status, 'version'))
  const old = versions.find((version) => !/^(?:3\.(?:[4-9]|\d\d)|[4-9]|\d\d)\b/.test(version))
  const alarms = await postTo(client, first.endpoint, '/v3/maintenance/alarm', { action: 'GET' }, signal)
  const raised =
    alarms._tag === 'Answered'
      ? listIn(alarms.body, 'alarms').map((alarm) => textIn(alarm, 'alarm'))
      : [`unreadable: ${etcdReason(alarms)}`]
  const metrics = (await Promise.all(serving.map(({ endpoint }) => metricsOf(client, endpoint, signal)))).flat()
  const found: ReadonlyArray<UnsafeSetting> = [
    ...(clusters.size > 1
      ? [wrongSetting('endpoints', 'members of several clusters', 'members of one', 'each cluster has its own records')]
      : []),
    ...(old === undefined ? [] : [wrongSetting('version', old, '3.4 or later', 'the paths of the gateway are others')]),
    ...(raised.length === 0 ? [] : [unsafe('alarms', raised.join(', '))]),
    ...metrics
  ]
  return found.filter(({ setting }, index) => found.findIndex((other) => other.setting === setting) === index)
}
