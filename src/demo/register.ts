// The register of the demo written in bulk: providers with their policies, merchants with contacts sealed under keys of
// their own, stores, devices, terminals, transactions – each set as one statement.
import type { App } from '../app/app.ts'
import type { Tx } from '../store/db.ts'
import type { DemoMerchant, DemoTerminal, Estate } from './estate.ts'
import { demoProviders } from './policies.ts'
import type { DemoTransaction } from './trade.ts'

const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString())
/** Rows as one statement; `columns` names and types them in order. */
async function insert<T>(
  tx: Tx,
  table: string,
  columns: Readonly<Record<string, [type: string, of: (row: T) => unknown]>>,
  rows: readonly T[],
): Promise<void> {
  const names = Object.keys(columns)
  await tx.run(
    `insert into ${table} (${names.join(', ')}) select * from unnest(${names.map((name, i) => `$${i + 1}::${columns[name]![0]}[]`).join(', ')})`,
    names.map((name) => rows.map(columns[name]![1])),
  )
}

/** Policies were drafted and approved by two people each, long before the first case. */
export async function registerProviders(tx: Tx, personOf: (cast: string) => string, from: number): Promise<void> {
  await insert(
    tx,
    'provider',
    {
      id: ['text', (p) => p.id],
      name: ['text', (p) => p.name],
      name_en: ['text', (p) => p.nameEn],
      prefix: ['text', (p) => p.prefix],
      licence_no: ['text', (p) => p.licenceNo],
      licence_until: ['date', (p) => p.licenceUntil],
      unionpay_certified: ['boolean', (p) => p.unionpayCertified],
      direct_settlement: ['boolean', (p) => p.directSettlement],
      hotline: ['text', (p) => p.hotline],
      hotline_hours: ['text', (p) => p.hotlineHours],
    },
    demoProviders,
  )
  await insert(
    tx,
    'policy',
    {
      provider: ['text', (p) => p.id],
      version: ['integer', () => 1],
      document: ['jsonb', (p) => JSON.stringify(p.policy)],
      effective_from: ['timestamptz', () => iso(from)],
      created_by: ['text', (p) => personOf(`${p.id}.provider_admin`)],
      created_at: ['timestamptz', () => iso(from)],
      approved_by: ['text', (p) => personOf(`${p.id}.approver`)],
    },
    demoProviders,
  )
}

export async function registerEstate(app: App, tx: Tx, estate: Estate, gateSeq: number): Promise<void> {
  const sealed = new Map(estate.merchants.map((m) => [m.mid, sealedOf(app, m)]))
  const of = (m: DemoMerchant): ReturnType<typeof sealedOf> => sealed.get(m.mid)!
  await insert(
    tx,
    'merchant',
    {
      mid: ['text', (m) => m.mid],
      name: ['text', (m) => m.name],
      uscc: ['text', (m) => m.uscc],
      mcc: ['text', (m) => m.mcc],
      licence_until: ['date', (m) => m.licenceUntil],
      wrapped_key: ['bytea', (m) => of(m).key],
      contact_sealed: ['bytea', (m) => of(m).contact],
      phone_sealed: ['bytea', (m) => of(m).phone],
      legal_person_sealed: ['bytea', (m) => of(m).legalPerson],
      account_sealed: ['bytea', (m) => of(m).account],
      created_at: ['timestamptz', (m) => iso(m.createdAt)],
    },
    estate.merchants,
  )
  await insert(
    tx,
    'merchant_provider',
    { mid: ['text', (x) => x.mid], provider: ['text', (x) => x.provider] },
    estate.merchants.flatMap((m) => m.providers.map((provider) => ({ mid: m.mid, provider }))),
  )
  await insert(
    tx,
    'store',
    {
      mid: ['text', (s) => s.mid],
      name: ['text', (s) => s.name],
      address: ['text', (s) => s.address],
      longitude: ['float8', (s) => s.longitude],
      latitude: ['float8', (s) => s.latitude],
    },
    estate.stores,
  )
  await insert(
    tx,
    'device',
    {
      serial: ['text', (d) => d.serial],
      provider: ['text', (d) => d.provider],
      model: ['text', (d) => d.model],
      type: ['text', (d) => d.type],
      ownership: ['text', (d) => d.ownership],
      deposit_fen: ['bigint', (d) => d.depositFen],
      firmware: ['text', (d) => d.firmware],
      state: ['text', (d) => d.state],
    },
    estate.devices,
  )
  await insert(
    tx,
    'terminal',
    {
      tid: ['text', (t) => t.tid],
      mid: ['text', (t) => t.mid],
      provider: ['text', (t) => t.provider],
      serial: ['text', (t) => t.serial ?? null],
      installed_at: ['timestamptz', (t) => iso(t.installedAt)],
      closed_at: ['timestamptz', (t) => iso(t.closedAt)],
      service: ['text', (t) => t.service],
      connectivity: ['text', (t) => t.connectivity],
      gate_seq: ['bigint', () => gateSeq],
    },
    estate.terminals,
  )
  await tx.run(
    'update terminal t set store_id = s.id from unnest($1::text[], $2::text[]) x(tid, store) join terminal o using (tid) join store s on s.mid = o.mid and s.name = x.store where t.tid = x.tid',
    [estate.terminals.map((t) => t.tid), estate.terminals.map((t) => t.store)],
  )
}

function sealedOf(
  app: App,
  m: DemoMerchant,
): { key: Buffer; contact: Buffer; phone: Buffer; legalPerson: Buffer; account: Buffer } {
  const wrapped = app.vault.newKey(m.mid)
  const key = app.vault.openKey(wrapped, m.mid)!
  const seal = (text: string, what: string): Buffer => key.seal(text, `merchant.${what}:${m.mid}`)
  return {
    key: wrapped,
    contact: seal(m.contact, 'contact'),
    phone: seal(m.phone, 'phone'),
    legalPerson: seal(m.legalPerson, 'legalPerson'),
    account: seal(m.account, 'account'),
  }
}

export type Booked = { terminal: Pick<DemoTerminal, 'tid' | 'mid' | 'provider'>; row: DemoTransaction }

/** What shows that a terminal is in use: something the host took from it, and not the undoing of it. */
const isUse = ({ row }: Booked): boolean =>
  (row.status === 'approved' || row.status === 'disputed') && row.class !== 'reversal' && row.class !== 'preauth_cancel'

/** Transactions as the books show them, and when each terminal was last used. */
export async function bookTransactions(tx: Tx, booked: readonly Booked[]): Promise<void> {
  if (booked.length === 0) return
  await insert(
    tx,
    'transaction',
    {
      tid: ['text', (b) => b.terminal.tid],
      mid: ['text', (b) => b.terminal.mid],
      provider: ['text', (b) => b.terminal.provider],
      batch: ['text', (b) => b.row.batch],
      trace: ['text', (b) => b.row.trace],
      reference: ['text', (b) => b.row.reference],
      class: ['text', (b) => b.row.class],
      amount_fen: ['bigint', (b) => b.row.amountFen],
      at: ['timestamptz', (b) => iso(b.row.at)],
      settled_on: ['date', (b) => b.row.settledOn ?? null],
      card_kind: ['text', (b) => b.row.cardKind],
      card_masked: ['text', (b) => b.row.cardMasked ?? null],
      auth_code: ['text', (b) => b.row.authCode ?? null],
      status: ['text', (b) => b.row.status],
    },
    booked,
  )
  const last = new Map<string, number>()
  for (const { terminal, row } of booked.filter(isUse))
    last.set(terminal.tid, Math.max(row.at, last.get(terminal.tid) ?? 0))
  await tx.run(
    `update terminal t set last_transaction_at = greatest(t.last_transaction_at, x.at) from unnest($1::text[], $2::timestamptz[]) x(tid, at) where t.tid = x.tid`,
    [[...last.keys()], [...last.values()].map(iso)],
  )
}

/** Settlement files that have come since: what they settle is settled, refunds among it answered. */
export const bookSettlements = (tx: Tx, settled: readonly Booked[]): Promise<number> =>
  settled.length === 0
    ? Promise.resolve(0)
    : tx.run(
        `update transaction t set settled_on = x.settled_on, status = case when t.status = 'pending' then 'approved' else t.status end
   from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[]) x(tid, batch, trace, reference, class, settled_on)
   where (t.tid, t.batch, t.trace, t.reference, t.class) = (x.tid, x.batch, x.trace, x.reference, x.class)`,
        [
          settled.map((s) => s.terminal.tid),
          settled.map((s) => s.row.batch),
          settled.map((s) => s.row.trace),
          settled.map((s) => s.row.reference),
          settled.map((s) => s.row.class),
          settled.map((s) => s.row.settledOn),
        ],
      )
