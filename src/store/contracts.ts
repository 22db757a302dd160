// Contracts by merchant and provider: versions, each with the day it counts from; and the channels a provider keeps for
// comparison. Contracts are only ever added to.
import type { Contract, ContractVersion } from '../domain/contract.ts'
import type { Channel } from '../domain/alternatives.ts'
import { instantParam, type Tx } from './db.ts'

export type StoredContract = ContractVersion & { provider: string; mid: string; createdBy: string; createdAt: number }
type Row = { provider: string; mid: string; version: number; effective_from: string; document: Contract; created_by: string; created_at: number }
const contractFrom = (r: Row): StoredContract =>
  ({ provider: r.provider, mid: r.mid, version: r.version, effectiveFrom: r.effective_from, contract: r.document, createdBy: r.created_by, createdAt: r.created_at })

export const readContracts = async (tx: Tx, mid: string, provider?: string): Promise<StoredContract[]> =>
  (await tx.many<Row>('select * from contract where mid = $1 and ($2::text is null or provider = $2) order by provider, version', [mid, provider ?? null])).map(contractFrom)

/** Contracts of many merchants with one provider, by merchant. */
export const readContractsOf = async (tx: Tx, provider: string, mids: readonly string[]): Promise<Map<string, StoredContract[]>> =>
  Map.groupBy((await tx.many<Row>('select * from contract where provider = $1 and mid = any($2) order by version', [provider, mids])).map(contractFrom), (c) => c.mid)

/** Adds the next version; answers its number. */
export const addContract = async (tx: Tx, c: { provider: string; mid: string; effectiveFrom: string; contract: Contract; by: string; at: number }): Promise<number> =>
  (await tx.one<{ version: number }>(
    `insert into contract (provider, mid, version, effective_from, document, created_by, created_at)
     select $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6 from contract where provider = $1 and mid = $2 returning version`,
    [c.provider, c.mid, c.effectiveFrom, JSON.stringify(c.contract), c.by, instantParam(c.at)],
  ))!.version

/** Providers of a merchant, of those the looker sees; locked, so that what is done to one account is done in turn. */
export const lockAccounts = async (tx: Tx, mid: string, provider?: string): Promise<string[]> =>
  (await tx.many<{ provider: string }>('select provider from merchant_provider where mid = $1 and ($2::text is null or provider = $2) order by provider for update', [mid, provider ?? null]))
    .map((r) => r.provider)
export const readProvidersOf = async (tx: Tx, mid: string): Promise<string[]> =>
  (await tx.many<{ provider: string }>('select provider from merchant_provider where mid = $1 order by provider', [mid])).map((r) => r.provider)

// ── Channels ────────────────────────────────────────────────────────────────────────────────────────────────────────
export type StoredChannel = Channel & { id: string; provider: string; updatedAt: number; version: number }
type ChannelRow = { provider: string; id: string; document: Channel; updated_at: number; version: number }
export const readChannels = async (tx: Tx, provider?: string): Promise<StoredChannel[]> =>
  (await tx.many<ChannelRow>('select provider, id, document, updated_at, version from channel where $1::text is null or provider = $1 order by provider, id', [provider ?? null]))
    .map((r) => ({ ...r.document, id: r.id, provider: r.provider, updatedAt: r.updated_at, version: r.version }))

export const putChannel = async (tx: Tx, c: { provider: string; id: string; channel: Channel; by: string; at: number }): Promise<number> =>
  (await tx.one<{ version: number }>(
    `insert into channel (provider, id, document, updated_by, updated_at) values ($1, $2, $3, $4, $5)
     on conflict (provider, id) do update set document = excluded.document, updated_by = excluded.updated_by, updated_at = excluded.updated_at, version = channel.version + 1
     returning version`, [c.provider, c.id, JSON.stringify(c.channel), c.by, instantParam(c.at)],
  ))!.version
export const removeChannel = async (tx: Tx, provider: string, id: string): Promise<boolean> =>
  (await tx.run('delete from channel where provider = $1 and id = $2', [provider, id])) > 0
