// A gate as a node: in a process of its own, over a database that goes away, comes back, or comes back older. The lease is
// 0.6 s and the stand-in time 4 s instead of 5 s and 15 min; nothing else differs from the real thing.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { entryOf } from '../src/domain/gate-entry.ts'
import type { Known } from '../src/gate/judge.ts'
import { createLevel } from '../src/gate/level.ts'
import { gateRole, readHead, terminalsNamed } from '../src/store/gate.ts'
import { fence, readmit } from '../src/store/gates.ts'
import { openSingle } from '../src/store/single.ts'
import { mid, startLine, startNode, until, type GateProcess, type Node, type Reply } from './gate/node.ts'

const standin_s = 4
const standin = { seconds: standin_s, floorLimitFen: 1_000, countMax: 3, totalFenMax: 2_000, afterwards: 'decline' } as const
const tids = Array.from({ length: 30 }, (_, i) => `1000${String(i).padStart(4, '0')}`)
const gate_policy = { responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 24, signOnAfterReopening: true, standin } as const

let node: Node
const gates: GateProcess[] = []
let next = 0
const start = async (part: { id?: string; port?: number; url?: string } = {}): Promise<GateProcess> => {
  const gate = await node.startGate({ id: `g${++next}`, ...part })
  gates.push(gate)
  return gate
}
const answer = async (gate: GateProcess, ...asked: Parameters<GateProcess['ask']>): Promise<Reply> => {
  const reply = await gate.ask(...asked)
  if (reply === 'refused') throw new Error('nobody listens')
  return reply
}
const code = async (gate: GateProcess, ...asked: Parameters<GateProcess['ask']>): Promise<string> => (await answer(gate, ...asked)).code
const fresh = (gate: GateProcess): Promise<unknown> => until(async () => ['fresh', 'leased'].includes((await answer(gate, 'echo')).basis))
const row = async (gate: GateProcess): Promise<Record<string, unknown>> => (await node.sql<Record<string, unknown>>('select * from gate where id = $1', [gate.id]))[0]!
/** A terminal no test has touched. */
const another = (): string => tids[taken++]!
let taken = 0

beforeAll(async () => { node = await startNode({ tids, policy: { gate: gate_policy } }) }, 120_000)
afterEach(async () => {
  for (const gate of gates.splice(0)) {
    gate.signal('SIGCONT')
    gate.signal('SIGKILL')
    await gate.ended
  }
  await node.up()
  // Killed gates count until their lease and stand-in are over; the next test has none of them.
  await node.sql('update gate set left_at = now() where left_at is null')
})
afterAll(() => node.close())

describe('while the primary is there', () => {
  test('every gate declines soon after the commit, and the stop is effective only once all acknowledged', async () => {
    const [a, b] = [await start(), await start()]
    const tid = another()
    expect([await code(a, 'sale', tid), await code(b, 'sale', tid)]).toEqual(['00', '00'])
    await node.stop(tid)
    const declined = Promise.all([a, b].map((g) => until(async () => (await code(g, 'sale', tid)) === '58')))
    await declined
    const at = await until(() => node.blockedAt(tid))
    expect(at).toBeLessThanOrEqual(Date.now())
    expect([await code(a, 'reversal', tid), await code(b, 'settlement', tid)]).toEqual(['00', '00'])
    const rows = [await row(a), await row(b)]
    expect(rows[0]!['digest']).toBe(rows[1]!['digest'])
    expect(rows.map((r) => [r['size'], r['alarm']])).toEqual([[tids.length, null], [tids.length, null]])
  }, 60_000)

  test('a paused gate holds the stop back until its lease and stand-in are over, and then declines from its first answer on', async () => {
    const [a, b] = [await start(), await start()]
    const [tid, ordinary] = [another(), another()]
    await fresh(b)
    b.signal('SIGSTOP')
    await node.stop(tid)
    await until(async () => (await code(a, 'sale', tid)) === '58')
    expect(await node.blockedAt(tid)).toBeUndefined()
    await until(() => node.gates.standing(1e9).outstanding.some((o) => o.id === b.id))
    const at = await until(() => node.blockedAt(tid), 10_000)
    expect(at).toBeGreaterThanOrEqual(((await row(b))['lease_until'] as Date).getTime() + standin_s * 1_000 - 50)
    // Asked while it sleeps: answered when it wakes, by what the clock says then.
    const asked = [b.ask('sale', tid), b.ask('sale', ordinary), b.ask('reversal', ordinary)]
    await pause(200)
    b.signal('SIGCONT')
    const [stopped, other, reversal] = (await Promise.all(asked)) as Reply[]
    expect([stopped!.decision, other!.decision, reversal!.decision]).toEqual(['decline', 'decline', 'approve'])
    expect(['91', '58']).toContain(stopped!.code)
    await fresh(b)
    expect([await code(b, 'sale', tid), await code(b, 'sale', ordinary)]).toEqual(['58', '00'])
  }, 60_000)

  test('a line that is cut without a word: the stop waits for it, and it approves nothing against it', async () => {
    const line = await startLine(node.url)
    const [a, b] = [await start(), await start({ url: line.url })]
    const tid = another()
    await fresh(b)
    line.cut()
    await node.stop(tid)
    await until(async () => (await code(a, 'sale', tid)) === '58')
    expect(await node.blockedAt(tid)).toBeUndefined()
    const at = await until(() => node.blockedAt(tid), 15_000)
    // From the moment the stop is called effective on, whatever is asked.
    const replies = await Promise.all(Array.from({ length: 50 }, () => answer(b, 'sale', tid)))
    expect(replies.every((r) => r.decision === 'decline')).toBe(true)
    expect(at).toBeLessThanOrEqual(Date.now())
    line.mend()
    await fresh(b)
    expect(await code(b, 'sale', tid)).toBe('58')
    line.close()
  }, 60_000)

  test('a fenced gate declines what needs permission and takes what must be taken, also after a restart', async () => {
    const a = await start()
    const tid = another()
    await node.app.db.transaction('*', (tx) => fence(tx, a.id, 'somebody', 'it is off'))
    await until(async () => (await code(a, 'sale', tid)) === '91')
    expect(await answer(a, 'sale', tid)).toMatchObject({ reason: 'gate_fenced', basis: 'expired' })
    expect([await code(a, 'reversal', tid), await code(a, 'echo', tid)]).toEqual(['00', '00'])
    await pause(1_200) // its mark is written once a second
    a.signal('SIGKILL')
    await a.ended
    const again = await start({ id: a.id })
    expect(await code(again, 'sale', tid)).toBe('91')
    await node.app.db.transaction('*', (tx) => readmit(tx, a.id, 'somebody'))
    await until(async () => (await code(again, 'sale', tid)) === '00')
  }, 60_000)

  test('nobody answers under another gate’s name', async () => {
    const a = await start()
    await expect(node.startGate({ id: a.id })).rejects.toThrow('already runs gate')
    await expect(node.startGate({ id: a.id, folder: join(node.home, 'elsewhere') })).rejects.toThrow('Another gate is registered')
    expect(await code(a, 'echo')).toBe('00')
  }, 60_000)

  test('a key that was made just now is known, one that was revoked soon is not', async () => {
    const a = await start()
    const { port } = a
    const ask = (key: string): Promise<number> => fetch(`http://127.0.0.1:${port}/gate/terminals/${tids[0]}`, { headers: { authorization: `Bearer ${key}` } }).then((r) => r.status)
    const fresh_key = `tq_${'n'.repeat(43)}`
    await node.sql(`insert into api_key (hash, account, hint, created_at) values (sha256($1::bytea), 'a', 'tq_n', now())`, [fresh_key])
    expect(await ask(fresh_key)).toBe(200)
    await node.sql(`update api_key set revoked_at = now() where hint = 'tq_n'`)
    await until(async () => (await ask(fresh_key)) === 401)
  }, 60_000)

  test('two gates are restarted one after the other and no answer is lost', async () => {
    const pair = [await start(), await start()]
    let isOver = false
    const answers: string[] = []
    const client = async (i: number): Promise<void> => {
      while (!isOver) {
        // Another door only where nobody listens at this one, or it closed the line before it said anything; anything else
        // that goes wrong is a lost answer.
        const closed = (error: Error & { code?: string }): 'refused' => { if (error.code === 'ECONNRESET') return 'refused'; throw error }
        const reply = await pair[i % 2]!.ask('sale', tids[20]).catch(closed).then((r) => (r === 'refused' ? pair[(i + 1) % 2]!.ask('sale', tids[20]) : r))
        answers.push(reply === 'refused' ? 'refused' : reply.code)
        await pause(1)
      }
    }
    const clients = Array.from({ length: 6 }, (_, i) => client(i))
    for (const i of [0, 1]) {
      const before = pair[i]!
      before.signal('SIGTERM')
      await before.ended
      expect((await row(before))['left_at']).toBeInstanceOf(Date)
      pair[i] = await start({ id: before.id, port: before.port })
      await pause(200)
    }
    isOver = true
    await Promise.all(clients)
    expect(answers.length).toBeGreaterThan(200)
    expect(answers.filter((c) => c !== '00')).toEqual([])
  }, 60_000)
})

describe('while the primary is away', () => {
  test('it goes on within limits, writes it down, and stops going on; flagged terminals wait; what must be taken is taken', async () => {
    const a = await start()
    const [active, soon, other] = [another(), another(), another()]
    await node.stop(soon, Date.now() + 3_600_000)
    await until(async () => ((await row(a))['acknowledged_seq'] as string) === (await node.sql<{ seq: string }>('select seq from journal_head'))[0]!.seq)
    const going = node.down()
    await until(async () => (await answer(a, 'sale', active, 5_000)).basis === 'standin')
    const sales = [await answer(a, 'sale', active), await answer(a, 'sale', active), await answer(a, 'sale', active, 1_001), await answer(a, 'sale', active, 1_000), await answer(a, 'sale', active)]
    // Over the floor limit, and from the fourth on over the count.
    expect(sales.map((s) => s.code)).toEqual(['00', '00', '91', '00', '91'])
    expect([await code(a, 'sale', soon), await code(a, 'reversal', soon), await code(a, 'settlement', active)]).toEqual(['91', '00', '00'])
    expect((await answer(a, 'sale', active)).reason).toBe('over_standin_limit')
    await going
    await until(async () => (await answer(a, 'sale', other)).basis === 'expired')
    expect([await code(a, 'sale', other), await code(a, 'void', other), await code(a, 'reversal', other)]).toEqual(['91', '91', '00'])
    await node.up()
    await until(async () => (await code(a, 'sale', active)) === '00')
    const reports = await until(async () => {
      const found = await node.sql<{ tid: string; body: { amountFen: number } }>(`select tid, body from gate_report where gate = $1 and kind = 'standin' and tid = $2 order by ordinal`, [a.id, active])
      return found.length >= 3 && found
    })
    expect(reports.map((r) => [r.tid, r.body.amountFen])).toEqual([[active, 100], [active, 100], [active, 1_000]])
  }, 60_000)

  test('a stop scheduled for T happens at T; a reopening does not', async () => {
    const a = await start()
    const [stops, reopens] = [another(), another()]
    const at = Date.now() + 3_000
    await node.stop(stops, at)
    // Nothing of ours schedules a reopening; one is written by hand.
    await node.stop(reopens)
    await node.sql(
      `update hold set cleared_at = now(), lifted_at = $2::timestamptz where tid = $1`, [reopens, new Date(at).toISOString()],
    )
    const [published] = await node.sql<{ gate_seq: string }>(
      `with t as materialized (select tid from terminal where tid = $1 for update),
       j as materialized (select journal_append('yunhui', null, null, array[t.tid], json_build_object('at', now())::text) as seq from t)
       update terminal set gate_seq = (select seq from j) where tid = $1 returning gate_seq`, [reopens],
    )
    await until(async () => Number((await row(a))['acknowledged_seq']) >= Number(published!.gate_seq))
    await node.down()
    let last = 0
    while (Date.now() < at - 5) {
      const reply = await answer(a, 'reversal', stops)
      if (reply.mode === 'open') last = Date.parse(reply.asOf)
      await pause(2)
    }
    // To the millisecond: open before it, not open from it on.
    await until(async () => (await answer(a, 'sale', stops)).mode !== 'open')
    expect(last).toBeLessThan(at)
    expect([(await answer(a, 'sale', stops)).code, (await answer(a, 'sale', reopens)).code]).toEqual(['58', '58'])
    expect((await answer(a, 'sale', reopens)).mode).toBe('test')
    await node.up()
    await until(async () => (await answer(a, 'sale', reopens)).mode === 'open')
    expect(await code(a, 'sale', stops)).toBe('58')
  }, 60_000)

  test('started again without it, a gate knows what it knew, and is no surer than its last lease', async () => {
    const a = await start()
    const [active, stopped] = [another(), another()]
    await node.stop(stopped)
    await until(async () => (await code(a, 'sale', stopped)) === '58')
    await until(() => node.blockedAt(stopped))
    await pause(1_100)
    await node.down()
    a.signal('SIGKILL')
    await a.ended
    const again = await start({ id: a.id })
    const first = await answer(again, 'sale', stopped)
    expect(first).toMatchObject({ code: '58', mode: 'shut' })
    expect(first.basis).not.toBe('fresh')
    expect([await code(again, 'reversal', stopped), await code(again, 'sale', '99999999')]).toEqual(['00', '97'])
    await until(async () => (await answer(again, 'sale', active)).basis === 'expired')
    expect(await code(again, 'sale', active)).toBe('91')
    await node.up()
    await until(async () => (await code(again, 'sale', active)) === '00')
    expect(await code(again, 'sale', stopped)).toBe('58')
  }, 60_000)

  test('the other terminals of a merchant that is held for risk are not approved in stand-in', async () => {
    const a = await start()
    const [held, other] = [another(), another()]
    await node.stop(held, undefined, 'R09')
    await until(async () => (await code(a, 'sale', held)) === '58')
    expect(await code(a, 'sale', other)).toBe('00')
    const going = node.down()
    await until(async () => (await answer(a, 'sale', other)).basis === 'standin')
    expect(await answer(a, 'sale', other)).toMatchObject({ code: '91', reason: 'out_of_touch' })
    await going
  }, 60_000)

  test('what was damaged on its disk is not believed: it does not listen until the primary is back', async () => {
    const a = await start()
    await pause(1_100)
    await node.down()
    a.signal('SIGKILL')
    await a.ended
    const folder = join(node.folder, a.id)
    const base = join(folder, readdirSync(folder).find((f) => f.startsWith('base'))!)
    const bytes = readFileSync(base)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(base, bytes)
    const starting = start({ id: a.id })
    expect(await Promise.race([starting.then(() => 'listens'), pause(2_500).then(() => 'does not listen')])).toBe('does not listen')
    await node.up()
    expect(await code(await starting, 'sale', tids[20])).toBe('00')
  }, 60_000)
})

describe('a database restored from an older copy', () => {
  test('opens nothing: the gate keeps what it has, says why, only tightens, and opens when it is readmitted', async () => {
    const a = await start()
    const [stopped, later, ordinary] = [another(), another(), another()]
    await node.down()
    node.copy('older')
    await node.up()
    await fresh(a)
    await node.stop(stopped)
    await until(async () => (await code(a, 'sale', stopped)) === '58')
    const before = await answer(a, 'echo')
    await node.down()
    node.restore('older')
    await node.up()
    await fresh(a)
    const alarmed = await until(async () => {
      const found = await row(a)
      return found['alarm'] === 'history_lost' && found
    })
    expect(alarmed['tightened_at']).toBeInstanceOf(Date)
    // The database knows of no stop; the gate does.
    expect(await node.blockedAt(stopped)).toBeUndefined()
    expect([await code(a, 'sale', stopped), await code(a, 'sale', ordinary)]).toEqual(['58', '00'])
    const after = await answer(a, 'echo')
    expect(after.seq).toBeGreaterThanOrEqual(before.seq)
    expect(after.epoch).toBeGreaterThanOrEqual(before.epoch)
    // What the restored one says goes on, as far as it tightens.
    await node.stop(later)
    await until(async () => (await code(a, 'sale', later)) === '58')
    await until(() => node.blockedAt(later))
    // Also over restarts of the gate.
    a.signal('SIGTERM')
    await a.ended
    const again = await start({ id: a.id })
    expect([await code(again, 'sale', stopped), await code(again, 'sale', later)]).toEqual(['58', '58'])
    expect((await row(again))['alarm']).toBe('history_lost')
    await node.app.db.transaction('*', (tx) => readmit(tx, a.id, 'somebody'))
    await until(async () => (await code(again, 'sale', stopped)) === '00')
    expect(await code(again, 'sale', later)).toBe('58')
    await until(async () => (await row(again))['alarm'] === null)
    expect((await row(again))['tightened_at']).toBeNull()
    // Whoever saw the lost history never sees its epoch again.
    expect((await answer(again, 'echo')).epoch).toBeGreaterThan(before.epoch)
  }, 60_000)
})

describe('a database restored from an older copy, which went on', () => {
  test('is found by its journal: the numbers alone look like any other day', async () => {
    const a = await start()
    const stopped = another()
    await node.down()
    node.copy('before')
    await node.up()
    await fresh(a)
    await node.stop(stopped)
    await until(async () => (await code(a, 'sale', stopped)) === '58')
    const { seq } = await answer(a, 'echo')
    await pause(1_100)
    a.signal('SIGKILL')
    await a.ended
    await node.down()
    node.restore('before')
    await node.up()
    // It counts on, past everything this gate ever knew.
    for (let i = 0; i < 12; i++) await node.sql(`select journal_append('yunhui', null, null, '{}', json_build_object('at', now())::text)`)
    expect(Number((await node.sql<{ seq: string }>('select seq from journal_head'))[0]!.seq)).toBeGreaterThan(seq)
    const again = await start({ id: a.id })
    await until(async () => (await row(again))['alarm'] === 'history_lost')
    expect(await code(again, 'sale', stopped)).toBe('58')
  }, 60_000)
})

describe('what is held', () => {
  const quiet = { info() {}, warn() {}, error() {} }
  const single = () => openSingle(node.url, { role: gateRole, scope: '*', application_name: 'test', connect_ms_max: 2_000, statement_ms_max: 10_000 })

  test('read anew beside the answers, it forgets nothing that was acknowledged meanwhile', async () => {
    const db = await single()
    const known: Known = { snapshot: undefined, told: { epoch: 0, seq: 0 }, renewed: undefined, sureUntil: 0, heard: undefined, standinMs: 0, isFenced: false, isOut: false, isDraining: false }
    const level = createLevel({ id: 'x', known, keep: undefined, kept: undefined, now: Date.now, openForAll: single, alarm: () => {}, log: quiet })
    await level.load()
    const tid = another()
    const mode = (): string => known.snapshot!.decide({ tid, mid, class: 'sale' }, Date.now()).mode
    level.reload()
    // The whole was read; then a terminal is stopped, and that is acknowledged.
    await pause(500)
    await node.stop(tid)
    await level.pull(db, await readHead(db))
    const { told } = known
    expect([mode(), told.seq]).toEqual(['shut', level.position.seq])
    expect(await level.adopt(db)).toBe(true)
    expect(mode()).toBe('shut')
    expect(known.told.seq).toBeGreaterThanOrEqual(told.seq)
    expect(known.snapshot!.head).toEqual(known.told)
    await db.close()
  }, 60_000)

  test('is the same whatever order the rows of its holds lie in', async () => {
    const db = await single()
    const tid = another()
    await node.stop(tid)
    await node.stop(tid, undefined, 'R09')
    const read = async (): Promise<string> => {
      const row = (await terminalsNamed(db, [tid]))[0]!
      return JSON.stringify(entryOf(row.terminal, row.registered, row.asOf))
    }
    const before = await read()
    // A row that is written anew lies behind the others.
    await node.sql(`with moved as (delete from hold where id = (select id from hold where tid = $1 order by effective_from limit 1) returning *) insert into hold select * from moved`, [tid])
    expect(await read()).toBe(before)
    await db.close()
  }, 60_000)
})

test('the role of the gates reads nothing sealed and writes only its own lines', async () => {
  const client = new pg.Client({ connectionString: node.app.db.url, options: '-c role=tingqi_gate -c tingqi.scope=*' })
  await client.connect()
  const may = (sql: string): Promise<string> => client.query(sql).then(() => 'yes', (error: { code: string }) => error.code)
  const denied = '42501'
  for (const sql of ['select words_sealed from hold', 'select * from merchant', 'select body from journal', 'select name from account', 'select * from transaction',
    'update terminal set gate_seq = 0', 'insert into journal (seq) values (1)', 'delete from gate', 'update gate_report set body = body', 'select body from gate_report',
    'update installation set epoch = 9', 'select * from auth.session', 'insert into api_key default values', 'create table x ()']) expect(await may(sql), sql).toBe(denied)
  for (const sql of ['select tid, gate_seq from terminal', 'select epoch, seq from head_now()', 'select id from gate']) expect(await may(sql), sql).toBe('yes')
  await client.end()
})
