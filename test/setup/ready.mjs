/**
 * Makes a clone ready to run: installs what package-lock.json names and builds `dist`, if that is not done yet.
 *
 * Uses Node's own modules only, because it runs before anything is installed. Does nothing, and says nothing, when all
 * is ready. Two of them at the same time wait for each other.
 *
 * npm runs it as `prepare` (`ready.mjs build`) when it has installed everything itself: in a clone, and in the copy
 * that it makes of a dependency from git. Then it only builds. The `npm ci` below also runs `prepare`, which does
 * nothing.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const lock = join(root, '.ready-lock')

/** The variable that tells `prepare` that it runs within the `npm ci` below. */
const installs = 'SMART_APP_LAUNCH_INSTALLS'
if (process.env[installs] !== undefined) process.exit()
const isInstalled = process.argv[2] === 'build'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: this project needs Node 20.19 or later.`)
  process.exit(1)
}

const hashOf = (/** @type {ReadonlyArray<string>} */ files) => {
  const hash = createHash('sha256')
  for (const file of files) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

const filesBelow = (/** @type {string} */ folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

const isStamped = (/** @type {string} */ stamp, /** @type {string} */ value) =>
  existsSync(stamp) && readFileSync(stamp, 'utf8') === value

const run = (/** @type {string} */ what, /** @type {string} */ command, /** @type {ReadonlyArray<string>} */ args) => {
  console.log(`${what} …`)
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, [installs]: 'yes' },
    shell: process.platform === 'win32'
  })
  if (result.status === 0) return
  console.error(`${what} failed (${command} ${args.join(' ')}):`)
  console.error(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`)
  process.exitCode = 1
  throw new Error('not ready')
}

const lockFile = join(root, 'package-lock.json')
const installedStamp = join(root, 'node_modules', '.installed-for')
const commonjs = join(root, 'test', 'setup', 'commonjs.mjs')
const bundle = join(root, 'test', 'setup', 'bundle.mjs')
const builtStamp = join(root, 'dist', '.built-from')

/**
 * Files that the build copies: the sample app runs a client library that this project did not write, with its licence.
 */
const copies = [
  [
    join(root, 'node_modules/fhirclient/build/fhir-client.pure.min.js'),
    join(root, 'dist/simulator/sample-app/browser/fhir-client.js')
  ],
  [join(root, 'node_modules/fhirclient/LICENSE'), join(root, 'dist/simulator/sample-app/browser/fhir-client.LICENSE')]
]

const install = () => {
  const wanted = hashOf([lockFile])
  if (isStamped(installedStamp, wanted)) return
  run('Installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund'])
  writeFileSync(installedStamp, wanted)
}

const build = () => {
  const wanted = hashOf([
    lockFile,
    join(root, 'package.json'),
    join(root, 'tsconfig.json'),
    commonjs,
    bundle,
    ...filesBelow(join(root, 'src'))
  ])
  if (isStamped(builtStamp, wanted)) return
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  run('Building', process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'src')])
  run('Building for CommonJS', process.execPath, [commonjs])
  run('Bundling the scripts of pages', process.execPath, [bundle])
  for (const [from = '', to = ''] of copies) {
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(from, to)
  }
  writeFileSync(builtStamp, wanted)
}

const pause = (/** @type {number} */ milliseconds) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

const isRunning = (/** @type {number} */ pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Whether whoever took the lock is gone; one that has not written its number yet gets a moment. */
const isAbandoned = () => {
  try {
    return !isRunning(Number(readFileSync(join(lock, 'pid'), 'utf8')))
  } catch {
    return existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 5000
  }
}

/** One at a time; a lock that was left behind by a process that ended is taken over. */
const withLock = (/** @type {() => void} */ work) => {
  let isAnnounced = false
  for (;;) {
    try {
      mkdirSync(lock)
      break
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      if (isAbandoned()) rmSync(lock, { recursive: true, force: true })
      else {
        if (!isAnnounced) console.log('Waiting for another process that makes this clone ready ...')
        isAnnounced = true
        pause(200)
      }
    }
  }
  try {
    writeFileSync(join(lock, 'pid'), String(process.pid))
    work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

try {
  withLock(() => {
    if (!isInstalled) install()
    build()
  })
} catch (error) {
  if (process.exitCode === undefined) {
    console.error(`The clone could not be made ready: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
