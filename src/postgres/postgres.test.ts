// Real servers, real processes, real kills. mkdtemp's folders are closed to everybody else (0700), so a run as root also
// shows that the server works where its account cannot walk to.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { isAlive, ownerName } from '../../scripts/owner-lock.js'
import { accountFor } from './account.ts'
import { clusterPath } from './cluster.ts'
import { launchServer } from './launch.ts'
import { leftovers } from './leftovers.ts'
import { programsFor, publicCopy } from './programs.ts'
import { settings } from './settings.ts'
import { type Postgres, type PostgresOptions, startPostgres } from './start.ts'

const room = mkdtempSync(join(tmpdir(), 'tingqi-postgres-test-'))
/** One cluster for most tests: making one takes longer than all they do with it. */
const folder = join(room, 'data', 'postgres')
const isRoot = process.getuid!() === 0

const children: ChildProcess[] = []
const servers: Postgres[] = []
const start = async (options: Partial<PostgresOptions> = {}): Promise<Postgres> => {
  const server = await startPostgres({ dataDir: folder, log: () => {}, ...options })
  servers.push(server)
  return server
}

const query = async (url: string, text: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

/** Another process of ours that starts the folder and says its server's address and process id. */
const startElsewhere = async (): Promise<{ program: ChildProcess; url: string; pid: number }> => {
  const program = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `
    import { startPostgres } from ${JSON.stringify(new URL('./start.ts', import.meta.url).href)}
    const { superuserUrl, pid } = await startPostgres({ dataDir: ${JSON.stringify(folder)}, log: () => {} })
    console.log(superuserUrl, pid)`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  children.push(program)
  const [line] = (await once(createInterface({ input: program.stdout! }), 'line')) as [string]
  const [url, pid] = line.split(' ')
  return { program, url: url!, pid: Number(pid) }
}

const end = async (process: ChildProcess, signal: NodeJS.Signals) => {
  const ended = once(process, 'exit')
  process.kill(signal)
  await ended
}

afterEach(async () => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) await end(child, 'SIGKILL')
  for (const server of servers.splice(0)) await server.stop()
})
afterAll(() => rmSync(room, { recursive: true, force: true }))

describe('a folder from one start to the next', () => {
  test('keeps what was written', async () => {
    const first = await start()
    await query(first.superuserUrl, 'create table kept (n int primary key); insert into kept values (1)')
    await first.stop()
    expect(leftovers(clusterPath(folder))).toEqual([])
    const second = await start()
    expect(await query(second.superuserUrl, 'select n from kept')).toEqual([{ n: 1 }])
  })

  test('is closed to everybody else and to a wrong password', async () => {
    const { superuserUrl, port } = await start()
    expect(statSync(join(folder, 'password')).mode & 0o777).toBe(0o600)
    expect(statSync(clusterPath(folder)).mode & 0o777).toBe(0o700)
    await expect(query(`postgres://tingqi:guess@127.0.0.1:${port}/tingqi`, 'select 1')).rejects.toThrow(
      'password authentication failed',
    )
    expect(
      await query(
        superuserUrl,
        `select count(*)::int as n from pg_hba_file_rules where auth_method <> 'scram-sha-256'`,
      ),
    ).toEqual([{ n: 0 }])
  })

  test('is set as the table of settings says', async () => {
    const { superuserUrl } = await start()
    const rows = await query(
      superuserUrl,
      `
      select name, applied, error from pg_file_settings where sourcefile like '%/postgresql.conf' order by name`,
    )
    expect(rows).toEqual(
      Object.keys(settings)
        .sort()
        .map((name) => ({ name, applied: true, error: null })),
    )
    for (const durable of ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums'])
      expect(await query(superuserUrl, `select current_setting('${durable}') as value`)).toEqual([{ value: 'on' }])
    const [locale] = await query(
      superuserUrl,
      'select datlocprovider, datlocale, pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()',
    )
    expect(locale).toEqual({ datlocprovider: 'b', datlocale: 'C.UTF-8', encoding: 'UTF8' })
  })

  test('says nothing of what statements contain', async () => {
    const lines: string[] = []
    const { superuserUrl } = await start({ log: (line) => lines.push(line) })
    await expect(query(superuserUrl, `select '4111111111111111x'::bigint`)).rejects.toThrow('4111111111111111x')
    await servers.at(-1)!.stop()
    expect(lines.join('\n')).toContain('database system is shut down')
    expect(lines.join('\n')).not.toContain('4111111111111111')
  })
})

describe('a program that is killed', () => {
  test('leaves every answered row, and no server', async () => {
    const { program, url, pid } = await startElsewhere()
    const server = ownerName(pid)
    await query(url, 'create table answered (n int)')
    for (let n = 0; n < 20; n++) await query(url, `insert into answered values (${n})`)
    await end(program, 'SIGKILL')
    const { superuserUrl } = await start()
    expect(isAlive(server)).toBe(false)
    expect(await query(superuserUrl, 'select count(*)::int as n from answered')).toEqual([{ n: 20 }])
  })

  test('and its server killed too: what was answered is recovered', async () => {
    const { program, url, pid } = await startElsewhere()
    await query(url, 'create table recovered as select generate_series(1, 1000) as n')
    process.kill(pid, 'SIGKILL')
    await end(program, 'SIGKILL')
    const { superuserUrl } = await start()
    expect(await query(superuserUrl, 'select count(*)::int as n from recovered')).toEqual([{ n: 1000 }])
  })

  test('with a server that outlives it, even a paused one with open sessions: it is stopped before the next starts', async () => {
    const first = await start()
    await first.stop()
    const account = await accountFor(clusterPath(folder))
    const orphan = launchServer(clusterPath(folder), account, await programsFor(account), first.port, false)
    children.push(orphan)
    await once(
      createInterface({ input: orphan.stderr! }).on('line', function (this: NodeJS.EventEmitter, line: string) {
        if (line.includes('ready to accept')) this.emit('ready')
      }),
      'ready',
    )
    const session = new pg.Client({ connectionString: first.superuserUrl })
    const lost = new Promise((done) => session.on('error', done))
    await session.connect()
    expect(leftovers(clusterPath(folder)).length).toBeGreaterThan(1)
    orphan.kill('SIGSTOP')

    const lines: string[] = []
    const { superuserUrl, pid } = await start({ log: (line) => lines.push(line) })
    expect(lines[0]).toMatch(`left behind (${orphan.pid}`)
    await lost
    expect(orphan.exitCode).toBe(0)
    expect(pid).not.toBe(orphan.pid)
    expect(await query(superuserUrl, 'select 1 as n')).toEqual([{ n: 1 }])
  })

  test('halfway through making the cluster leaves nothing in the way', async () => {
    const dataDir = join(room, 'halfway')
    mkdirSync(join(dataDir, 'cluster.new-1-1-0', 'base'), { recursive: true })
    writeFileSync(join(dataDir, 'password'), 'an earlier one')
    const { superuserUrl } = await start({ dataDir })
    expect(await query(superuserUrl, 'select 1 as n')).toEqual([{ n: 1 }])
    expect(existsSync(join(dataDir, 'cluster.new-1-1-0'))).toBe(false)
  })
})

describe('one owner', () => {
  test('a second program is refused, by the number of the first, which goes on', async () => {
    const { program, url } = await startElsewhere()
    await expect(start()).rejects.toMatchObject({
      name: 'StartRefused',
      reason: 'owned_by_another_process',
      message: expect.stringContaining(`process ${program.pid},`),
    })
    expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }])
  })

  test('so is a second start in the same program, until the first has stopped', async () => {
    const first = await start()
    await expect(start()).rejects.toMatchObject({ reason: 'owned_by_another_process' })
    await first.stop()
    await expect(start()).resolves.toMatchObject({ port: expect.any(Number) })
  })

  test('a number used again by another process is not an owner, nor a server', async () => {
    await (await start()).stop()
    mkdirSync(join(folder, 'owner'))
    writeFileSync(join(folder, 'owner', ownerName().replace(/-\d+-/, '-1-')), '')
    writeFileSync(
      join(clusterPath(folder), 'postmaster.pid'),
      `${process.pid}\n${clusterPath(folder)}\n1\n5432\n\n127.0.0.1\n\nready\n`,
    )
    await expect(start()).resolves.toMatchObject({ port: expect.any(Number) })
  })
})

describe('while it runs', () => {
  test('a server that ends by itself is reported, and the folder can be started again', async () => {
    let report: (how: string) => void
    const reported = new Promise<string>((done) => {
      report = done
    })
    const { pid } = await start({ onExit: (how) => report(how) })
    process.kill(pid, 'SIGKILL')
    expect(await reported).toBe('SIGKILL')
    const { superuserUrl } = await start()
    expect(await query(superuserUrl, 'select 1 as n')).toEqual([{ n: 1 }])
  })

  test('a stop that was asked for is not reported, ends open sessions and may be asked for twice', async () => {
    const reports: string[] = []
    const server = await start({ onExit: (how) => reports.push(how) })
    const session = new pg.Client({ connectionString: server.superuserUrl })
    const lost = new Promise((done) => session.on('error', done))
    await session.connect()
    await session.query('begin')
    await Promise.all([server.stop(), server.stop()])
    await lost
    expect(reports).toEqual([])
    expect(existsSync(join(folder, 'owner'))).toBe(false)
  })

  test('the port asked for is used; a taken one is refused by its number', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    await expect(start({ port })).rejects.toMatchObject({
      reason: 'port_taken',
      message: expect.stringContaining(`${port}`),
    })
    await new Promise((done) => other.close(done))
    await expect(start({ port })).resolves.toMatchObject({ port })
  })
})

describe('folders that cannot be started are named', () => {
  test('made by another major version, and without its password', async () => {
    await (await start()).stop()
    const version = join(clusterPath(folder), 'PG_VERSION')
    const made = readFileSync(version)
    writeFileSync(version, '17\n')
    await expect(start()).rejects.toMatchObject({
      reason: 'other_version',
      message: expect.stringContaining('PostgreSQL 17'),
    })
    writeFileSync(version, made)
    const password = readFileSync(join(folder, 'password'))
    rmSync(join(folder, 'password'))
    await expect(start()).rejects.toMatchObject({ reason: 'password_lost' })
    writeFileSync(join(folder, 'password'), password, { mode: 0o600 })
    await expect(start()).resolves.toMatchObject({ port: expect.any(Number) })
  })
})

describe('programs copied for an account that cannot reach them', () => {
  test('everybody may read them, links stay links, and a damaged copy is made again', async () => {
    const from = join(room, 'native')
    mkdirSync(join(from, 'bin'), { recursive: true, mode: 0o700 })
    writeFileSync(join(from, 'bin', 'postgres'), 'program', { mode: 0o700 })
    writeFileSync(join(from, 'lib.so.1'), 'library', { mode: 0o600 })
    symlinkSync('lib.so.1', join(from, 'lib.so'))
    const to = join(room, 'public', '18')
    for (const damage of [() => {}, () => writeFileSync(join(to, 'lib.so.1'), '')]) {
      damage()
      await publicCopy(from, to)
      expect(readFileSync(join(to, 'lib.so'), 'utf8')).toBe('library')
      expect(
        ['bin', 'bin/postgres', 'lib.so.1'].map((path) => (statSync(join(to, path)).mode & 0o777).toString(8)),
      ).toEqual(['755', '755', '644'])
    }
  })
})

test.skipIf(!isRoot)(
  'as root, a cluster copied back without its owner and mode is given to the server’s account again',
  async () => {
    const first = await start()
    await query(first.superuserUrl, 'create table restored as select 1 as n')
    await first.stop()
    const dataDir = join(room, 'restored')
    cpSync(folder, dataDir, { recursive: true })
    chmodSync(clusterPath(dataDir), 0o755)
    expect(statSync(clusterPath(dataDir)).uid).toBe(0)
    const { superuserUrl } = await start({ dataDir })
    expect(await query(superuserUrl, 'select n from restored')).toEqual([{ n: 1 }])
    expect(statSync(clusterPath(dataDir)).uid).not.toBe(0)
    expect(statSync(clusterPath(dataDir)).mode & 0o777).toBe(0o700)
  },
)
