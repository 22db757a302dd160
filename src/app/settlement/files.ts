// Files that were taken, and how the columns of unknown ones are to be read.
import { mayNot, type Actor } from '../../domain/authority.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../../domain/refusals.ts'
import { list_total_exact_max } from '../../limits.ts'
import {
  countSettlementFiles,
  dropMapping,
  listMappings,
  listSettlementFiles,
  readSettlementFile,
  saveMapping,
  type Mapping,
  type RecordKind,
} from '../../store/settlement-files.ts'
import type { SettlementFileState } from '../../domain/vocabulary.ts'
import { cursorAt, listOf, placeOf, totalOf } from '../../store/cursor.ts'
import type { App } from '../app.ts'
import { execute, scopeOf, type Asking, type Reply } from '../execute.ts'
import type { Asker } from '../imports/imports.ts'
import { mappings_per_provider_max } from './bounds.ts'
import { isUuid, type Page, type Paging } from './runs.ts'
import { fileView, type FileView } from './views.ts'

export type FilesAsked = Paging & { kind?: RecordKind | undefined; merchant?: string | undefined; state?: SettlementFileState | undefined }
export type MappingGiven = { provider?: string | undefined; kind: 'slips' | 'bank'; name: string; columns: Record<string, string> | null }
export type MappingView = Omit<Mapping, 'savedAt'> & { savedAt: string }
export type MappingTelling = { view: (mappings: { items: MappingView[] }) => Reply; refusal: (refusal: Refusal) => Reply }

const mappingView = (m: Mapping): MappingView => ({ ...m, savedAt: new Date(m.savedAt).toISOString() })

export function filesOf(app: App) {
  return {
    list: ({ actor }: Asker, { cursor, limit, ...asked }: FilesAsked): Promise<Page<FileView> | Refusal> =>
      app.db.transaction(scopeOf(actor), async (tx) => {
        const list = listOf('settlement files', asked)
        const place = placeOf(list, cursor, ['number'])
        if (isRefusal(place)) return place
        const found = await listSettlementFiles(tx, { before: place?.key[0] as number | undefined, limit: limit + 1, ...asked })
        const counted = place === undefined ? await countSettlementFiles(tx, asked, list_total_exact_max) : 0
        const total = place?.total ?? (await totalOf(counted, () => counted))
        const last = found.length > limit ? found[limit - 1] : undefined
        return {
          items: found.slice(0, limit).map(fileView),
          next: last ? cursorAt(list, { key: [last.ordinal], total }) : null,
          total,
        }
      }, { readOnly: true }),
    one: ({ actor }: Asker, id: string): Promise<FileView | undefined> =>
      app.db.transaction(scopeOf(actor), async (tx) => {
        const found = isUuid(id) ? await readSettlementFile(tx, id) : undefined
        return found && fileView(found)
      }, { readOnly: true }),
    mappings: ({ actor }: Asker): Promise<{ items: MappingView[] }> =>
      app.db.transaction(scopeOf(actor), async (tx) => ({ items: (await listMappings(tx)).map(mappingView) }), { readOnly: true }),
    /** Saves a mapping under its name, or forgets it where `columns` is null; answers what is saved then. */
    saveMapping(asking: Asking, given: MappingGiven, telling: MappingTelling): Promise<Reply> {
      const provider = providerOf(asking.actor, given)
      return execute(app, asking, {
        command: 'save-mapping',
        input: given,
        refusal: telling.refusal,
        lock: async () => mayNot(asking.actor, 'reconcile') ?? (provider === undefined || !app.providers().some((p) => p.id === provider) ? refuseField('/provider', 'mapping_provider') : undefined),
        async decide(tx, now) {
          const named = { provider: provider!, kind: given.kind, name: given.name }
          if (given.columns === null) {
            if ((await dropMapping(tx, named)) === 0) return refuse('not_found')
          } else {
            await saveMapping(tx, { ...named, columns: given.columns }, asking.actor.person, now)
            const own = (await listMappings(tx)).filter((m) => m.provider === provider)
            if (own.length > mappings_per_provider_max) return refuse('too_large', { max: String(mappings_per_provider_max) })
          }
          return {
            changes: undefined, before: undefined, facts: [{ fact: 'mapping_saved', ...named }], tids: [], provider: provider!, mid: undefined,
            reply: telling.view({ items: (await listMappings(tx)).map(mappingView) }),
          }
        },
      })
    },
  }
}

/** A provider keeps its own; the platform says whose it keeps. */
const providerOf = (actor: Actor, given: MappingGiven): string | undefined =>
  actor.party.kind === 'provider' ? (given.provider === undefined || given.provider === actor.party.id ? actor.party.id : undefined) : given.provider
