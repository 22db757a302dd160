// Files and helpers for the tests of this folder: a fleet made of numbers, and an import run to its end.
import { fleetCells, transactionCells } from '../../files/samples.ts'
import type { Actor } from '../../domain/authority.ts'
import type { Refusal } from '../../domain/refusals.ts'
import type { ImportKind } from '../../domain/vocabulary.ts'
import type { Asking, Reply } from '../execute.ts'
import type { Imports } from './imports.ts'
import type { ImportView } from './views.ts'

export const admin: Actor = {
  person: 'root',
  account: 'root-account',
  name: 'root',
  role: 'platform_admin',
  party: { kind: 'platform', id: 'platform' },
  via: 'key',
}
export const yunhuiAdmin: Actor = {
  person: 'yun',
  account: 'yun-account',
  name: 'yun',
  role: 'provider_admin',
  party: { kind: 'provider', id: 'yunhui' },
  via: 'key',
}

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
/** A code whose check digit is right (GB 32100). */
export const uscc = (n: number): string => {
  const base = `91350100${String(n).padStart(9, '0')}`
  const sum = [...base].reduce((total, character, i) => total + alphabet.indexOf(character) * (3 ** i % 31), 0)
  return base + alphabet[(31 - (sum % 31)) % 31]
}

type Cells = Record<string, string>
/** The n-th terminal of a fleet: three terminals to a merchant. */
export const terminal = (n: number, changed: Cells = {}): Cells => {
  const m = Math.floor(n / 3)
  return {
    ...fleetCells,
    mid: `898${String(m).padStart(12, '0')}`,
    merchantName: `䶮记${m}`,
    uscc: uscc(m),
    contactPhone: `175${String(m).padStart(8, '0')}`,
    tid: String(50_000_000 + n),
    serial: `00000204${String(n).padStart(8, '0')}`,
    ...changed,
  }
}
export const sale = (changed: Cells = {}): Cells => ({ ...transactionCells, ...changed })

export const csv = (rows: readonly Cells[]): Buffer => {
  const columns = Object.keys(rows[0]!)
  return Buffer.from(
    [columns, ...rows.map((row) => columns.map((column) => row[column]))].map((line) => line.join(',')).join('\n'),
  )
}

type More = {
  dryRun?: boolean
  partial?: boolean
  actor?: Actor
  fileName?: string
  idempotency?: Asking['idempotency']
}
export type Started = { id: string; reply: Reply; refusal: Refusal | undefined }

export async function start(imports: Imports, kind: ImportKind, bytes: Uint8Array, more: More = {}): Promise<Started> {
  const started: Started = { id: '', reply: { status: 0, body: '', headers: {} }, refusal: undefined }
  const { actor = admin, idempotency } = more
  started.reply = await imports.start(
    { actor, idempotency },
    {
      kind,
      bytes,
      fileName: more.fileName ?? 'file.csv',
      dryRun: more.dryRun ?? false,
      partial: more.partial ?? false,
    },
    {
      view: (view) => ({ status: 202, body: JSON.stringify(view), headers: {} }),
      refusal(refusal) {
        started.refusal = refusal
        return { status: 409, body: refusal.refused, headers: {} }
      },
    },
  )
  if (started.reply.status === 202) started.id = (JSON.parse(started.reply.body) as ImportView).id
  return started
}

export async function run(imports: Imports, kind: ImportKind, bytes: Uint8Array, more: More = {}): Promise<ImportView> {
  const { id, refusal } = await start(imports, kind, bytes, more)
  if (refusal) throw new Error(`refused: ${refusal.refused}`)
  await imports.idle()
  return (await imports.get({ actor: more.actor ?? admin, language: 'en' }, id))!
}

/** 'line column code' of everything at fault. */
export const faults = (view: ImportView): string[] => view.errors.map((e) => `${e.line} ${e.column} ${e.code}`)

export async function text(pieces: AsyncIterable<string> | undefined): Promise<string> {
  let all = ''
  for await (const piece of pieces ?? []) all += piece
  return all
}
