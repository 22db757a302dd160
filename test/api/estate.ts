// The whole program as its callers meet it: started with the demo estate on a clock that stands still, in a folder that is
// thrown away, and asked over HTTP only. What a reply promises is held against its schema on the way (checkReplies).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Config, programRoles } from '../../src/config.ts'
import { credentialsFile, type DemoActor } from '../../src/demo/credentials.ts'
import { testItems, words, type TestItem } from '../../src/domain/vocabulary.ts'
import { startProgram, type Program } from '../../src/program.ts'

// biome-ignore lint/suspicious/noExplicitAny: whatever was answered; the expectations say what it should be.
export type Told = { status: number; body: any; text: string; bytes: Buffer; headers: Headers }
export type Asked = {
  body?: unknown
  headers?: Record<string, string>
  /** Sent as it is, in place of a JSON body. */
  raw?: string | Uint8Array<ArrayBuffer> | FormData
}
export type Estate = Awaited<ReturnType<typeof startEstate>>

export async function startEstate(now: string) {
  const home = mkdtempSync(join(tmpdir(), 'tingqi-api-'))
  const config: Config & { checkReplies: true } = {
    home,
    databaseUrl: undefined,
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'http://tingqi.test',
    roles: programRoles,
    isDemo: true,
    manualClockFrom: Date.parse(now),
    secret: 's'.repeat(40),
    connections_max: 12,
    checkReplies: true,
  }
  let program: Program
  try {
    program = await startProgram(config)
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    throw error
  }
  const { actors } = JSON.parse(readFileSync(join(home, credentialsFile), 'utf8')) as { actors: DemoActor[] }
  /** By the part somebody plays: 'yunhui.reviewer', 'apo.owner', 'apo.integrator'. */
  const cast = new Map(actors.map((a) => [partOf(a, actors), a]))
  const actor = (part: string): DemoActor => {
    const found = cast.get(part)
    if (!found) throw new Error(`nobody plays ${part}: ${[...cast.keys()].join(', ')}`)
    return found
  }

  /** `who` is a part of the cast, a key, or nobody. */
  const ask = async (method: string, path: string, who?: string, { body, headers, raw }: Asked = {}): Promise<Told> => {
    const key = who === undefined ? undefined : (cast.get(who)?.apiKey ?? who)
    const answer = await fetch(program.url + path, {
      method,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(raw !== undefined ? { body: raw } : body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    const text = bytes.toString()
    const isJson = /\bjson\b/.test(answer.headers.get('content-type') ?? '')
    return {
      status: answer.status,
      headers: answer.headers,
      bytes,
      text,
      body: isJson && text ? JSON.parse(text) : undefined,
    }
  }
  const get = (path: string, who?: string): Promise<Told> => ask('GET', path, who)
  const post = (
    path: string,
    who: string | undefined,
    body: unknown = {},
    headers: Record<string, string> = {},
  ): Promise<Told> => ask('POST', path, who, { body, headers })

  const estate = {
    home,
    url: program.url,
    app: program.app,
    actors,
    cast,
    actor,
    ask,
    get,
    post,
    moveTo: (to: string): Promise<Told> => ask('PUT', '/api/v1/demo/clock', 'platform.admin', { body: { now: to } }),

    /** The gate's answer once it knows everything that was accepted before it was asked. */
    async gate(terminal: { tid: string; mid: string }, kind: string, who = 'platform.admin'): Promise<Told['body']> {
      const { head } = (await get('/api/v1/journal?limit=1&after=99999999', 'platform.admin')).body
      for (const until = Date.now() + level_within_ms; ; await sleep(poll_ms)) {
        const answer = (await post('/gate/decisions', who, { tid: terminal.tid, mid: terminal.mid, class: kind })).body
        if (answer.seq >= head.seq || Date.now() > until) return answer
      }
    },

    /** Terminals of theirs that work and of which nobody asks anything, in order; with `clear`, they owe nothing either. */
    async freeTerminals(who: string, provider: string, clear = false): Promise<{ tid: string; mid: string }[]> {
      const { items } = (await get(`/api/v1/terminals?service=active&limit=200&provider=${provider}`, who)).body
      return items.filter(
        (t: { clearance: { clear: boolean }; upcoming: object[]; cases: object[] }) =>
          (t.clearance.clear || !clear) && t.upcoming.length === 0 && t.cases.length === 0,
      )
    },

    /** A file handed in, worked off; the import as it ended. */
    async import(
      who: string,
      kind: string,
      text: string | Uint8Array<ArrayBuffer>,
      name = `${kind}.csv`,
    ): Promise<Told['body']> {
      const begun = await ask('POST', '/api/v1/imports', who, { raw: formOf({ kind }, text, name) })
      if (begun.status !== 202) return begun.body
      for (;;) {
        const seen = (await get(`/api/v1/imports/${begun.body.id}`, who)).body
        if (seen.endedAt !== null) return seen
        await sleep(poll_ms)
      }
    },

    /** Lines of the program's log that tell of something gone wrong. */
    async faults(): Promise<string[]> {
      // The log is written a moment later.
      await sleep(log_within_ms)
      return readFileSync(join(home, 'tingqi.log'), 'utf8')
        .split('\n')
        .filter((line) => /"level":[56]0/.test(line))
    },

    async close(): Promise<void> {
      await program.close()
      rmSync(home, { recursive: true, force: true, maxRetries: 3 })
    },
  }
  return estate
}

/** How long a gate may lag behind what was accepted. */
const level_within_ms = 5_000
const poll_ms = 20
const log_within_ms = 200

const partOf = (a: DemoActor, all: readonly DemoActor[]): string =>
  a.login ?? `${all.find((o) => o.login !== null && o.party.id === a.party.id)!.login!.split('.')[0]}.${a.role}`

export function formOf(fields: Record<string, string>, file: string | Uint8Array<ArrayBuffer>, name: string): FormData {
  const form = new FormData()
  for (const [key, value] of Object.entries(fields)) form.set(key, value)
  form.set('file', new Blob([file]), name)
  return form
}

/** A device test with everything in order, or with one item that fails. */
export const tested = (failing?: TestItem, note?: string) =>
  words(testItems).map((item) =>
    item === failing ? { item, passed: false, ...(note ? { note } : {}) } : { item, passed: true },
  )

/** Transactions as a file: the header and one line each. */
export type Sale = { tid: string; mid: string; trace: string; yuan: string; at: string; settledOn?: string }
export const transactionFile = (sales: readonly Sale[]): string =>
  [
    'tid,mid,batch,trace,reference,class,amountYuan,at,settledOn,cardKind,cardMasked,authCode,status',
    ...sales.map(
      (s) =>
        `${s.tid},${s.mid},900001,${s.trace},9000${s.trace}01,sale,${s.yuan},${s.at},${s.settledOn ?? ''},credit,621234******0001,306499,approved`,
    ),
    '',
  ].join('\n')
