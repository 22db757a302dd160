// The door every `npm run …` goes through: node scripts/bootstrap.js <task> [arguments…]
//
// A machine has npm and some Node, often an old one; Tingqi wants the exact packages of package-lock.json and the Node
// among them. So: install when that has not been done (or was done for another lock file, or by half), then run
// the task on the installed Node. Plain JavaScript without dependencies, because it runs before either is there.
// One process installs at a time; the others wait for it. Signals and the exit code go through.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ownerName, takeLock } from './owner-lock.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const stamp = '.tingqi-stamp'
const workshop = '.tingqi-install'
const oldest_node_major = 24
const wait_for_other_install_ms = 250

const vitest = ['node_modules/vitest/vitest.mjs', 'run']

/**
 * What each task runs, one command after another, on the installed Node. `at: 'caller'` keeps the caller's folder; `before`
 * is done first, without the caller's arguments, and must succeed.
 */
const tasks = {
  start: { before: [['scripts/screens.ts']], commands: [['src/main.ts']] },
  screens: { commands: [['scripts/screens.ts']] },
  screenshots: { before: [['scripts/screens.ts']], commands: [['scripts/screenshots.ts']] },
  cli: { commands: [['src/cli/main.ts']], at: 'caller' },
  walk: { commands: [['src/cli/walk.ts']], at: 'caller' },
  bench: { commands: [['bench/main.ts']], at: 'caller' },
  generate: { commands: [['scripts/generate.ts']] },
  test: { before: [['scripts/screens.ts']], commands: [vitest] },
  'test:shared': { commands: [vitest], env: { TINGQI_SUITES: 'shared' } },
  torture: { before: [['scripts/screens.ts']], commands: [vitest], env: { TINGQI_TORTURE: '1' } },
  check: {
    commands: [
      ['node_modules/@typescript/native/bin/tsc', '-p', '.'],
      ['node_modules/@typescript/native/bin/tsc', '-p', 'web', '--noEmit'],
      ['node_modules/@biomejs/biome/bin/biome', 'lint', '--error-on-warnings', '--diagnostic-level=warn'],
      [
        'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
        '--config',
        '.dependency-cruiser.cjs',
        'src',
        'bench',
        'test',
        'scripts',
        'web/src',
      ],
      ['node_modules/knip/bin/knip.js'],
    ],
  },
}

/** What a task needs of the operating system: a file that shows it is there, and the Debian package that brings it. */
const chromium = { shows: '/usr/bin/chromium', debian: 'chromium' }
const chineseFont = { shows: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc', debian: 'fonts-noto-cjk' }
const systemNeeds = { test: [chromium, chineseFont], torture: [chromium, chineseFont], screenshots: [chromium, chineseFont] }

const say = (line) => process.stderr.write(`tingqi: ${line}\n`)

function fail(line) {
  say(line)
  process.exit(1)
}

// ── Installed? ──────────────────────────────────────────────────────────────────────────────────────────────────────

const json = (path) => JSON.parse(readFileSync(path, 'utf8'))
const lockHash = (folder) =>
  createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
const nodePackage = `node-${process.platform}-${process.arch}`
const pinnedNode = json(join(root, 'package.json')).optionalDependencies?.[nodePackage]

const libc = () => (process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl')
const isFor = (list, value) => list === undefined || (list.includes(value) && !list.includes(`!${value}`))
const isForHere = (one) =>
  isFor(one.os, process.platform) &&
  isFor(one.cpu, process.arch) &&
  (process.platform !== 'linux' || isFor(one.libc, libc()))

/**
 * Whether what npm says it put into node_modules is what package-lock.json asks for on this machine – so that a plain
 * `npm ci` under the right Node is not done again. Optional packages that name no platform may be missing: npm leaves
 * out what only foreign platforms' packages need. Under an old Node npm skips whole packages; that is seen here.
 */
function isInstalledByHand() {
  const record = join(modules, '.package-lock.json')
  if (!existsSync(record)) return false
  const installed = json(record).packages
  return Object.entries(json(join(root, 'package-lock.json')).packages).every(([path, wanted]) => {
    if (path === '' || wanted.link) return true
    const found = installed[path]
    if (found) return found.integrity === wanted.integrity && existsSync(join(root, path, 'package.json'))
    return wanted.optional === true && !(isForHere(wanted) && (wanted.os || wanted.cpu))
  })
}

function isInstalled() {
  const hash = lockHash(root)
  const path = join(modules, stamp)
  if (existsSync(path) && readFileSync(path, 'utf8') === hash) return true
  if (!isInstalledByHand()) return false
  try {
    writeFileSync(path, hash)
  } catch {
    // Somebody else's checkout, which this user may run but not write to: looked through again next time.
  }
  return true
}

// ── Install ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function makeInstalled() {
  let waiting = false
  while (!isInstalled()) {
    const lock = takeLock(join(root, `${workshop}.lock`))
    if ('heldBy' in lock) {
      if (!waiting) say(`waiting for process ${lock.heldBy}, which is installing`)
      waiting = true
      await sleep(wait_for_other_install_ms)
      continue
    }
    const code = isInstalled() ? 0 : await install()
    lock.release()
    if (code !== 0) process.exit(code)
  }
}

/**
 * npm runs on the pinned Node too: an old one would silently choose old majors and skip native packages. It works in a
 * folder of its own, whose node_modules take their place when complete; so an installation that is killed, or whose npm
 * lives on, or that has no network, leaves what is there as it is. Resolves with npm's exit code.
 */
async function install() {
  if (!pinnedNode && Number.parseInt(process.versions.node, 10) < oldest_node_major)
    fail(`Node ${oldest_node_major} or newer is needed here (this is ${process.version}), see https://nodejs.org`)
  const began = Date.now()
  say(
    `installing the packages${pinnedNode ? ` and Node ${pinnedNode}` : ''}; this is done once and takes about a minute …`,
  )
  for (const name of readdirSync(root).filter((name) => name.startsWith(`${workshop}-`))) discard(join(root, name))
  const folder = join(root, `${workshop}-${ownerName()}`)
  mkdirSync(folder)
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) copyFileSync(join(root, name), join(folder, name))
  const hash = lockHash(folder)
  const npm = ['npm', 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const command = pinnedNode ? ['npx', '-y', '-p', `${nodePackage}@${pinnedNode}`, '--', ...npm] : npm
  const { code, output } = await run(command, { cwd: folder, quiet: true })
  if (code === 0) {
    writeFileSync(join(folder, 'node_modules', stamp), hash)
    if (existsSync(modules)) renameSync(modules, join(folder, 'replaced'))
    renameSync(join(folder, 'node_modules'), modules)
  }
  discard(folder)
  if (code === 0) say(`installed in ${Math.round((Date.now() - began) / 1000)} s`)
  else if (code > 128) say('the installation was interrupted')
  else say(`${output}the installation failed (${command.join(' ')}); is the package registry within reach?`)
  return code
}

/** What an orphan of a killed installation still writes to goes at the next one. */
function discard(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    say(`left ${folder} behind`)
  }
}

// ── Run ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Runs a command to its end, passing signals on. `quiet` keeps its output back for the case that it fails. */
function run([file, ...args], { quiet = false, ...options }) {
  return new Promise((done) => {
    const child = spawn(file, args, { ...options, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text) => {
        output += text
      })
    const passOn = (signal) => child.kill(signal)
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, passOn)
    const end = (code, signal) => {
      for (const one of signals) process.off(one, passOn)
      done({ code: code ?? 128 + constants.signals[signal], output })
    }
    child.on('close', end)
    child.on('error', (error) => {
      output += `${error.message}\n`
      end(127)
    })
  })
}

/** Root on Debian gets what is missing installed; anybody else is told the command. */
async function makeSystemReady(task) {
  const missing = (systemNeeds[task] ?? []).filter(({ shows }) => !existsSync(shows)).map(({ debian }) => debian)
  if (missing.length === 0) return
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing]
  if (process.getuid?.() !== 0 || spawnSync('which', ['apt-get']).status !== 0)
    fail(`the tests open the screens in a real browser; please install first: sudo ${install.join(' ')}`)
  say(`installing ${missing.join(' and ')}, which the tests open the screens with; this is done once …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const command of [['apt-get', 'update', '-qq'], install]) {
    const { code, output } = await run(command, { env, quiet: true })
    if (code !== 0) fail(`${output}could not install; please run: ${install.join(' ')}`)
  }
}

async function main([task, ...args]) {
  const {
    before = [],
    commands,
    env = {},
    at,
  } = tasks[task] ?? fail(`no task ‘${task}’; there are ${Object.keys(tasks).join(', ')}`)
  await makeInstalled()
  await makeSystemReady(task)
  const node = pinnedNode ? join(modules, nodePackage, 'bin', 'node') : process.execPath
  const environment = { ...process.env, ...env, PATH: [join(modules, '.bin'), process.env.PATH].join(delimiter) }
  const cwd = at === 'caller' ? process.cwd() : root
  for (const [file, ...given] of before) {
    const { code } = await run([node, join(root, file), ...given], { cwd: root, env: environment })
    if (code !== 0) process.exit(code)
  }
  const toRun = commands.map(([file, ...fixed]) => [node, join(root, file), ...fixed, ...args])

  // A newer Node can become the program instead of standing in front of it.
  if (toRun.length === 1 && process.execve) {
    process.chdir(cwd)
    process.execve(node, toRun[0], environment)
  }
  let worst = 0
  for (const command of toRun) {
    if (toRun.length > 1) say(`${command[1].slice(root.length)}`)
    const { code } = await run(command, { cwd, env: environment })
    worst = Math.max(worst, code)
    if (code > 128) break
  }
  process.exitCode = worst
}

await main(process.argv.slice(2))
