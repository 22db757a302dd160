// Whose is it, and who may: walked through the table of routes, so that a new route is tested by being there. What belongs to
// one party answers every other party exactly like what does not exist, and nothing changes by asking; roles without a right
// are told so; and whoever filed a case never approves it, whichever of their accounts and keys they come with.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { slipsCsv, zmFile, zmRecord } from '../../src/settlement/settlement.fixtures.ts'
import { drawPaper } from '../../src/demo/paper.ts'
import { authority, type Right } from '../../src/domain/authority.ts'
import { caseNumber, letterNumber } from '../../src/domain/number.ts'
import { roles, words, type PartyKind, type Role } from '../../src/domain/vocabulary.ts'
import { openapiOf } from '../../src/http/openapi.ts'
import type { Route } from '../../src/http/route.ts'
import { routes } from '../../src/http/routes/index.ts'
import { createAccount, createKey, createPerson } from '../../src/store/people.ts'
import { formOf, startEstate, transactionFile, type Asked, type Estate, type Told } from './estate.ts'

let estate: Estate
const now = '2026-11-23T10:00:00+08:00'

/** What routes name in their paths: A's things, and things of the same look that nobody has. */
type Things = Record<'tid' | 'no' | 'letter' | 'hold' | 'import' | 'material' | 'policy' | 'key' | 'mid' | 'webhook' | 'contact' | 'delivery' | 'complaint' | 'invoice' | 'payment' | 'waiver' | 'channel' | 'rma' | 'gate' | 'file' | 'run' | 'break' | 'ticket' | 'duty' | 'evidence' | 'plan' | 'bulk', string>
let mine: Things
const nobodys: Things = {
  tid: '19999999',
  no: caseNumber('TQ', '2026-11-20', 4242),
  letter: letterNumber('TQ', 'T', 2026, 4242),
  hold: randomUUID(),
  import: randomUUID(),
  material: randomUUID(),
  policy: 'yunhui-77',
  key: randomUUID(),
  gate: 'nowhere',
  mid: '999290058124242',
  webhook: randomUUID(),
  contact: randomUUID(),
  delivery: randomUUID(),
  complaint: letterNumber('TQ', 'K', 2026, 4242),
  invoice: letterNumber('TQ', 'B', 2026, 4242),
  payment: randomUUID(),
  waiver: randomUUID(),
  channel: 'nobodys',
  rma: `${caseNumber('TQ', '2026-11-20', 4242)}-R1`,
  file: randomUUID(),
  run: randomUUID(),
  break: 'ab'.repeat(32),
  ticket: letterNumber('TQ', 'W', 2026, 4242),
  plan: randomUUID(),
  bulk: randomUUID(),
  duty: randomUUID(),
  evidence: randomUUID(),
}

/** Everybody a test may ask as: a key, its role, its party. */
type Asker = { name: string; key: string; role: Role; kind: PartyKind; party: string }
const askers: Asker[] = []
const named = (name: string): Asker => askers.find((a) => a.name === name)!
/** Neither A's own people, nor its provider's, nor the platform's. */
const outsiders = (): Asker[] =>
  askers.filter((a) =>
    a.kind === 'merchant' ? a.party !== named('apo.owner').party : a.kind === 'provider' && a.party !== 'yunhui',
  )

/** Another account with its key, of a person who is there already or of a new one. */
async function hire(name: string, role: Role, kind: PartyKind, party: string, person?: string): Promise<Asker> {
  const { key } = await estate.app.db.transaction('*', async (tx) => {
    const account = await createAccount(tx, {
      person: person ?? (await createPerson(tx, { name })),
      name,
      role,
      party: { kind, id: party },
    })
    return createKey(tx, account, name, estate.app.clock.now())
  })
  const asker = { name, key, role, kind, party }
  askers.push(asker)
  return asker
}

/** Who is told on A's side: an endpoint with what was sent to it, a contact; and what A complained of. */
async function told({ tid }: { tid: string }): Promise<Pick<Things, 'webhook' | 'contact' | 'delivery' | 'complaint'>> {
  const post = async (path: string, body: object): Promise<Told['body']> => (await estate.post(`/api/v1/${path}`, 'apo.owner', body)).body
  const { id: webhook } = await post('webhooks', { url: 'https://pos.invalid/hook' })
  const { id: contact } = await post('contacts', { channel: 'mail', address: 'shop@apo.invalid' })
  const { id: delivery } = await post(`webhooks/${webhook}/test`, {})
  const { no: complaint } = await post('complaints', { kind: 'complaint', topic: 'fee', words: '多收费。', terminal: tid })
  return { webhook, contact, delivery, complaint }
}

/** A slip and a UnionPay line of a terminal that do not agree: files, the run that held them against each other, a break. */
async function settled({ tid, mid }: { tid: string; mid: string }): Promise<Pick<Things, 'file' | 'run' | 'break'>> {
  const at = { mid, tid, at: '2026-11-20T09:16:11+08:00' }
  const taken = await estate.import('yunhui.finance', 'slips', slipsCsv(at), 'slips.csv')
  const record = { merId: mid, termId: tid, txnTime: '1120091611', queryId: '202611200916110001818', merCatCode: '5411' }
  await estate.import('yunhui.finance', 'unionpay', Uint8Array.from(zmFile(zmRecord(record))), `INN26112000ZM_${mid}.txt`)
  const { id: run } = (await estate.post('/api/v1/settlement/runs', 'yunhui.finance')).body
  while ((await estate.get('/api/v1/settlement/runs?limit=200', 'yunhui.finance')).body.items.some((r: { endedAt: string | null }) => r.endedAt === null))
    await sleep(50)
  const [found] = (await estate.get(`/api/v1/settlement/breaks?merchant=${mid}`, 'yunhui.finance')).body.items
  return { file: taken.settlement.file, run, break: found.id }
}

beforeAll(async () => {
  estate = await startEstate(now)
  for (const [name, a] of estate.cast)
    askers.push({ name, key: a.apiKey, role: a.role, kind: a.party.kind, party: a.party.id })
  const b = named('wanghu.owner').party
  await hire('wanghu.integrator', 'integrator', 'merchant', b)
  await hire('chengfutong.operations', 'operations', 'provider', 'chengfutong')
  await hire('chengfutong.integrator', 'integrator', 'provider', 'chengfutong')

  // A is 阿婆小笼 at 云汇支付: a stop with its letter, a case in review with a paper, a hold of risk, a file, a key.
  const [free, other] = await estate.freeTerminals('apo.owner', 'yunhui', true)
  const filed = await estate.post('/api/v1/applications', 'apo.owner', {
    kind: 'suspend',
    terminals: [free!.tid],
    reason: 'M04',
    words: '生意清淡，停一台。',
    submit: true,
  })
  const { no } = filed.body
  const paper = await estate.ask('POST', `/api/v1/applications/${no}/materials`, 'apo.owner', {
    raw: formOf({ type: 'other' }, new Uint8Array(await drawPaper('other')), 'x.png'),
  })
  const held = await estate.post(`/api/v1/terminals/${other!.tid}/holds`, 'yunhui.risk', {
    reason: 'R09',
    words: '复核。',
  })
  const file = await estate.import(
    'yunhui.operations',
    'transactions',
    transactionFile([
      {
        tid: free!.tid,
        mid: free!.mid,
        trace: '000001',
        yuan: '1.00',
        at: '2026-11-23T09:00:00+08:00',
        settledOn: '2026-11-23',
      },
    ]),
  )
  const key = await estate.post('/api/v1/keys', 'apo.owner', { name: 'till' })
  const letters = (await estate.get('/api/v1/applications?state=completed', 'apo.owner')).body.items.flatMap(
    (c: { letters: object[] }) => c.letters,
  )
  // Its account: an invoice and a contract are there, a payment and a waiver that waits come with this.
  const { party: mid } = named('apo.owner')
  // A closure that calls a device back.
  const third = (await estate.freeTerminals('apo.owner', 'yunhui', true)).find((t) => t.tid !== free!.tid && t.tid !== other!.tid)
  const closing = await estate.post('/api/v1/applications', 'apo.owner', {
    kind: 'close',
    terminals: [third!.tid],
    reason: 'M25',
    words: '多余的一台。',
    submit: true,
  })
  const begun = await estate.post(`/api/v1/applications/${closing.body.no}/approve`, 'yunhui.reviewer')
  const account = `/api/v1/merchants/${mid}`
  const money = {
    mid,
    invoice: (await estate.get(`${account}/invoices`, 'apo.owner')).body.items[0].no,
    payment: (
      await estate.post(`${account}/payments`, 'yunhui.finance', {
        amount: { fen: 1 },
        method: 'transfer',
        reference: 'ISO-1',
      })
    ).body.id,
    waiver: (
      await estate.post(`${account}/waivers`, 'yunhui.finance', { amount: { fen: 10_100 }, words: '机构维护延误。' })
    ).body.id,
    channel: 'bargain',
  }
  // The breach behind the hold: what was demanded, and what was handed in for it.
  const hold = held.body.holds.find((h: { reason: string }) => h.reason === 'R09').id
  const ticket = (await estate.get('/api/v1/tickets?limit=200', 'yunhui.risk')).body.items.find((t: { hold: string }) => t.hold === hold).no
  await estate.post(`/api/v1/tickets/${ticket}/demand`, 'yunhui.risk', { words: '提交签购单。' })
  const seen = await estate.ask('POST', `/api/v1/tickets/${ticket}/evidence`, 'apo.owner', { raw: formOf({ type: 'other' }, new Uint8Array(await drawPaper('evidence')), 'y.png') })
  const care = await estate.get(`/api/v1/terminals/${other!.tid}/care`, 'apo.owner')
  // A campaign of its provider that A's terminal is to be in, and the list that would stop it.
  const planned = await estate.post('/api/v1/plans', 'yunhui.operations', {
    kind: 'campaign', name: '召回', reason: 'P03', words: '请配合换机。', select: { tids: [other!.tid] }, waves: [{ name: '一', at: '2027-01-10T02:00:00+08:00' }],
  })
  mine = {
    plan: planned.body.id,
    bulk: planned.body.bulks[0].id,
    tid: other!.tid,
    no,
    letter: letters[0].no,
    hold: held.body.holds.find((h: { reason: string }) => h.reason === 'R09').id,
    import: file.id,
    material: paper.body.materials[0].id,
    policy: 'yunhui-1',
    key: key.body.id,
    gate: (await estate.get('/api/v1/gates', 'platform.admin')).body.items[0].id,
    ...money,
    ...(await told(other!)),
    rma: begun.body.returns[0].rma,
    ticket, evidence: seen.body.evidence[0].id, duty: care.body.duties[0].id,
    ...(await settled(other!)),
  }
  // An attempt on a stopped terminal, as its gate saw it.
  await estate.gate(other!, 'sale')
  for (const end = Date.now() + 15_000; ; await sleep(100)) {
    if ((await estate.get('/api/v1/attempts', 'apo.owner')).body.items[0]?.toldAt) break
    if (Date.now() > end) throw new Error('the attempt was not told of')
  }
  // Gates have heard, letters are printed: from here on nothing moves by itself.
  await estate.moveTo(now)
}, 120_000)
afterAll(() => estate?.close())

// ── A request for every row of the table ────────────────────────────────────────────────────────────────────────────
const contract = openapiOf(routes, '0')
const byPath: Readonly<Record<string, keyof Things>> = {
  letters: 'letter',
  holds: 'hold',
  imports: 'import',
  materials: 'material',
  policies: 'policy',
  keys: 'key',
  gates: 'gate',
  webhooks: 'webhook',
  contacts: 'contact',
  deliveries: 'delivery',
  complaints: 'complaint',
}
/** Public routes are keyed by what only a letter or its holder tells; gates answer for all and are nobody's. */
const named_by_parties = routes.filter(
  (row) => row.params && row.right !== 'public' && !row.path.startsWith('/api/v1/gates/') && !pathOf(row, nobodys).includes('none-of-these'),
)

function pathOf(row: Route, things: Things): string {
  return row.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const thing = byPath[row.path.split('/')[3]!] ?? (name as keyof Things)
    // What this estate has none of is asked for in test/matrix.test.ts, which knows one of everything.
    return things[thing] ?? 'none-of-these'
  })
}

/** A body the row takes: its own example, with A's terminal where it names one. */
async function bodyOf(row: Route, things: Things): Promise<Asked> {
  if (row.upload) {
    const example = { type: 'other', kind: 'fleet', longitude: '121.47', latitude: '31.23' }
    const fields = Object.fromEntries(
      Object.keys(row.upload.fields.shape).flatMap((k) =>
        k in example ? [[k, example[k as keyof typeof example]]] : [],
      ),
    )
    const file = row.upload.mediaTypes.includes('text/csv')
      ? new TextEncoder().encode('mid,tid\n')
      : new Uint8Array(await drawPaper('other'))
    return { raw: formOf(fields, file, 'file') }
  }
  if (row.id === 'moveClock') return { body: { now } }
  const example = contract['paths'][row.path][row.method.toLowerCase()].requestBody?.content['application/json'].example
  // Filing is one right, submitting another.
  return example === undefined
    ? {}
    : {
        body: JSON.parse(
          JSON.stringify(example).replaceAll('"10000001"', JSON.stringify(things.tid)).replace(',"submit":true', ''),
        ),
      }
}

async function asks(row: Route, things: Things, key: string | undefined, dryRun = false): Promise<Told> {
  return estate.ask(
    row.method,
    pathOf(row, things) + (dryRun && row.isCommand ? '?dryRun=true' : ''),
    key,
    await bodyOf(row, things),
  )
}
const mayByRole = (row: Route, role: Role): boolean =>
  row.right === 'public' ||
  row.right === 'signed_in' ||
  (authority[row.right as Right] as readonly Role[]).includes(role)

/** All there is, as the platform sees it; and what is A's own, as its owner sees it. */
async function everything(): Promise<object> {
  const pages = async (path: string): Promise<unknown[]> => {
    const items: unknown[] = []
    for (let next: string | null = ''; next !== null; ) {
      const page: Told = await estate.get(
        `${path}?limit=200${next ? `&cursor=${encodeURIComponent(next)}` : ''}`,
        'platform.admin',
      )
      items.push(...page.body.items)
      next = page.body.next
    }
    return items
  }
  return {
    terminals: await pages('/api/v1/terminals'),
    cases: await pages('/api/v1/applications'),
    imports: await pages('/api/v1/imports'),
    people: await pages('/api/v1/people'),
    policies: (await estate.get('/api/v1/policies', 'platform.admin')).body,
    timeline: (await estate.get(`/api/v1/terminals/${mine.tid}/timeline?limit=200`, 'apo.owner')).body,
    keys: (await estate.get('/api/v1/keys', 'apo.owner')).body,
    notices: (await estate.get('/api/v1/notices?limit=200', 'apo.owner')).body,
    material: (await estate.get(`/api/v1/materials/${mine.material}`, 'apo.owner')).bytes.toString('base64'),
  }
}
/** What is told, but for the request's own number and the name of the thing that was asked for. */
const essence = (told: Told, things: Things): string => {
  let text = JSON.stringify(told.body ?? told.text).replace(/"requestId":"[^"]*"/, '')
  for (const name of Object.values(things)) text = text.replaceAll(name, '·')
  return `${told.status} ${text}`
}

// Before anybody asks for what is not theirs: their journal would show that they asked.
describe('lists', () => {
  const lists = routes.filter((row) => row.method === 'GET' && !row.params && row.right !== 'public')

  test.each(lists.map((row) => [row.id, row] as const))(
    '%s shows outsiders nothing of A, however it is asked',
    async (_, row) => {
      const { party: mid } = named('apo.owner')
      const its = (await estate.get('/api/v1/terminals?limit=200', 'apo.owner')).body.items as {
        tid: string
        merchant: { name: string }
        holds: { id: string }[]
      }[]
      const cases = (await estate.get('/api/v1/applications?limit=200', 'apo.owner')).body.items as { no: string }[]
      const marks = [
        mid,
        its[0]!.merchant.name,
        mine.material,
        mine.letter,
        ...cases.map((c) => c.no),
        ...its.flatMap((t) => [t.tid, ...t.holds.map((h) => h.id)]),
      ]
      const shows = (text: string): string[] =>
        marks.filter((mark) => new RegExp(`(?<![0-9a-f])${mark}(?![0-9a-f])`).test(text))
      const filters = Object.keys(row.query?.shape ?? {})
      const asked = [
        '',
        ...[
          ['q', mine.tid],
          ['q', mid],
          ['q', mine.no],
          ['merchant', mid],
          ['provider', 'yunhui'],
          ['terminal', mine.tid],
          ['application', mine.no],
          ['limit', '200'],
        ].flatMap(([name, value]) => (filters.includes(name!) ? [`?${name}=${value}`] : [])),
      ]
      // It is there to be seen: its own people, or its provider's, find it in the list.
      const insider = ['apo.owner', 'yunhui.provider_admin'].find((name) => mayByRole(row, named(name).role))
      if (insider && filters.includes('limit') && !['listImports', 'listPeople', 'listSettlementRuns'].includes(row.id))
{
        const own = await estate.get(`${row.path}?limit=200`, insider)
        // Of some things this estate has none; test/matrix.test.ts has one of each.
        if ((own.body.items ?? own.body.rows).length > 0) expect(shows(own.text)).not.toEqual([])
      }
      for (const asker of outsiders())
        for (const query of asked) {
          const told = await estate.get(row.path + query, asker.key)
          expect([asker.name, query, told.status, shows(told.text)]).toEqual([
            asker.name,
            query,
            mayByRole(row, asker.role) ? 200 : 403,
            [],
          ])
        }
    },
  )

  test("a page of A's list cannot be gone on with by somebody else", async () => {
    for (const path of ['/api/v1/terminals', '/api/v1/applications', '/api/v1/notices']) {
      const { next } = (await estate.get(`${path}?limit=1`, 'apo.owner')).body
      const told = await estate.get(`${path}?limit=200&cursor=${encodeURIComponent(next)}`, 'wanghu.owner')
      expect(told.status).toBeLessThan(500)
      expect(told.text).not.toContain(named('apo.owner').party)
    }
  })
})

describe("somebody else's things", () => {
  let before: object
  beforeAll(async () => {
    before = await everything()
  })

  test.each(named_by_parties.map((row) => [row.id, row] as const))(
    '%s answers outsiders as if there were none',
    async (_, row) => {
      for (const asker of outsiders()) {
        const [told, control] = [await asks(row, mine, asker.key), await asks(row, nobodys, asker.key)]
        expect([asker.name, essence(told, mine)]).toEqual([asker.name, essence(control, nobodys)])
        const isRefusedByRole = told.status === 403 && told.body.code === 'role_missing' && !mayByRole(row, asker.role)
        if (!isRefusedByRole) expect([asker.name, told.status, told.body.code]).toEqual([asker.name, 404, 'not_found'])
      }
    },
  )

  test('the same things are there for those they belong to', async () => {
    const insiders: Record<string, string> = {
      getImport: 'yunhui.operations',
      getRejectedRows: 'yunhui.operations',
      getPolicy: 'yunhui.reviewer',
      getSettlementRun: 'yunhui.finance',
      getDisposability: 'yunhui.risk',
      listReplays: 'yunhui.reviewer',
    }
    const ofA = ['apo.owner', 'yunhui.reviewer', 'yunhui.operations', 'yunhui.risk', 'yunhui.finance']
    for (const row of named_by_parties.filter((r) => r.method === 'GET'))
      // 409: it is there, and nothing can be said of it yet.
      expect([row.id, (await asks(row, mine, named(insiders[row.id] ?? ofA.find((name) => mayByRole(row, named(name).role))!).key)).status]).toEqual([
        row.id,
        row.id === 'getEffect' ? 409 : 200,
      ])
  })

  test('a case cannot be filed on them, and the gate does not know them', async () => {
    for (const asker of outsiders()) {
      const file = (tid: string): Promise<Told> =>
        estate.post('/api/v1/applications', asker.key, {
          kind: 'suspend',
          terminals: [tid],
          reason: 'M02',
          words: '停。',
          proof: 'x',
          channel: 'phone',
          submit: true,
        })
      const [told, control] = [await file(mine.tid), await file(nobodys.tid)]
      expect([asker.name, essence(told, mine)]).toEqual([asker.name, essence(control, nobodys)])
      expect([asker.name, told.body.code]).toEqual([asker.name, 'terminal_unknown'])
      const gate = async (tid: string, mid: string): Promise<object> => ({
        ...(await estate.post('/gate/decisions', asker.key, { tid, mid, class: 'sale' })).body,
        ageMs: 0,
        seq: 0,
      })
      expect([asker.name, await gate(mine.tid, named('apo.owner').party)]).toEqual([
        asker.name,
        await gate(nobodys.tid, named('apo.owner').party),
      ])
    }
  })

  test('nothing has changed', async () => {
    expect(await everything()).toEqual(before)
  })
})

describe('nobody', () => {
  const closed = routes.filter((row) => row.right !== 'public')
  test.each([
    ['no key', undefined],
    ['nonsense', 'nonsense'],
    ['a key nobody has', `tq_${'x'.repeat(43)}`],
  ])('with %s gets in anywhere', async (_, key) => {
    for (const row of closed) {
      const told = await asks(row, mine, key)
      expect([row.id, told.status, told.body?.code, told.headers.get('www-authenticate')]).toEqual([
        row.id,
        401,
        'unauthenticated',
        'Bearer realm="tingqi"',
      ])
    }
  })
})

describe('every route by every role', () => {
  const one = (role: Role, kind: PartyKind): Asker | undefined =>
    askers.find(
      (a) =>
        a.role === role &&
        a.kind === kind &&
        (kind === 'platform' || a.party === (kind === 'provider' ? 'yunhui' : named('apo.owner').party)),
    )
  const of = words(roles).flatMap((role) =>
    (['platform', 'provider', 'merchant'] as const).map((kind) => [role, kind] as const),
  )

  test('answers; and whoever has not the right is told so', async () => {
    const before = await everything()
    const everybody = of.flatMap(([role, kind]) => one(role, kind) ?? [])
    expect(new Set(everybody.map((a) => a.role))).toEqual(new Set(words(roles).filter((r) => r !== 'system')))
    for (const asker of everybody)
      for (const row of routes) {
        const may = mayByRole(row, asker.role)
        // What the role has no right to is asked in earnest; the rest as a trial, which leaves everything where it was.
        const told = await asks(
          row,
          { ...mine, ...(row.right === 'public' ? { code: 'x' } : {}) } as Things,
          asker.key,
          may,
        )
        expect([asker.name, row.id, told.status < 500, told.text]).toEqual([asker.name, row.id, true, told.text])
        // What a merchant never sees is not there for it, whatever its role.
        const isNotThere = pathOf(row, mine).includes('none-of-these') || (asker.kind === 'merchant' && /\{(bulk|plan)\}/.test(row.path))
        if (!may && !(told.status === 404 && isNotThere))
          expect([asker.name, row.id, told.status, told.body.code]).toEqual([asker.name, row.id, 403, 'role_missing'])
        // A list of many is made under one right, and each act on it has its own.
        else if (may && row.right !== 'public' && row.id !== 'makeBulk' && row.id !== 'makePlan')
          expect([asker.name, row.id, ['unauthenticated', 'role_missing'].includes(told.body?.code)]).toEqual([
            asker.name,
            row.id,
            false,
          ])
      }
    // A trial of an import is an import that can be looked at.
    expect({ ...(await everything()), imports: undefined }).toEqual({ ...before, imports: undefined })
  }, 120_000)
})

describe('whoever filed or reviewed a case does not approve it', () => {
  const person = async (name: string): Promise<string> => (await estate.get('/api/v1/me', name)).body.person.id
  const approve = (no: string, key: string): Promise<Told> => estate.post(`/api/v1/applications/${no}/approve`, key, {})
  const refused = { status: 403, body: { code: 'maker_is_checker' } }

  test('not with a second account that may review, nor with a third that may approve', async () => {
    const filed = await estate.post('/api/v1/applications', 'yunhui.agent', {
      kind: 'suspend',
      terminals: ['10000012'],
      reason: 'M04',
      words: '停一台。',
      channel: 'phone',
      proof: '来电录音 1',
      submit: true,
    })
    expect([filed.body.state ?? filed.text]).toEqual(['submitted'])
    const third = await hire('yunhui.agent_approving', 'approver', 'provider', 'yunhui', await person('yunhui.agent'))
    for (const key of ['yunhui.agent_reviewing', third.key])
      expect(await approve(filed.body.no, key)).toMatchObject(refused)
    expect((await estate.get(`/api/v1/applications/${filed.body.no}`, 'yunhui.agent')).body.state).toBe('submitted')
    expect(await approve(filed.body.no, 'yunhui.approver')).toMatchObject({
      status: 200,
      body: { state: 'in_progress' },
    })
  })

  test("not as the provider's reviewer, if the merchant who filed it is the same person", async () => {
    const both = await hire('yunhui.reviewer_who_owns', 'reviewer', 'provider', 'yunhui', await person('apo.owner'))
    expect(await approve(mine.no, both.key)).toMatchObject(refused)
    const again = await estate.post('/api/v1/keys', both.key, { name: 'another' })
    expect(await approve(mine.no, again.body.key)).toMatchObject(refused)
  })

  test('nor the second time, by whoever looked first', async () => {
    const [waiting] = (await estate.get('/api/v1/applications?state=second_review&limit=1', 'yunhui.approver')).body
      .items as { no: string }[]
    const twice = await hire(
      'yunhui.reviewer_approving',
      'approver',
      'provider',
      'yunhui',
      await person('yunhui.reviewer'),
    )
    expect(await approve(waiting!.no, twice.key)).toMatchObject(refused)
    expect(await approve(waiting!.no, 'yunhui.approver')).toMatchObject({ status: 200 })
  })

  test('a draft of the rules is approved by another person, too', async () => {
    const { document } = (await estate.get('/api/v1/policies/yunhui-1', 'yunhui.provider_admin')).body
    const draft = await estate.post('/api/v1/policies', 'yunhui.provider_admin', { document })
    expect(draft.status).toBe(201)
    const path = `/api/v1/policies/yunhui-${draft.body.version}/approve`
    const same = await hire(
      'yunhui.admin_again',
      'provider_admin',
      'provider',
      'yunhui',
      await person('yunhui.provider_admin'),
    )
    expect(await estate.post(path, same.key)).toMatchObject(refused)
    const other = await hire('yunhui.deputy', 'provider_admin', 'provider', 'yunhui')
    expect(await estate.post(path, other.key)).toMatchObject({ status: 200, body: { state: 'approved' } })
  })
})

test('nothing went wrong on the way', async () => {
  expect(await estate.faults()).toEqual([])
})
