// The channels a provider keeps, so that its merchants can compare: written by its administrator, through the one door.
import type { Channel } from '../../domain/alternatives.ts'
import { mayNot } from '../../domain/authority.ts'
import { refuse } from '../../domain/refusals.ts'
import { putChannel, readChannels, removeChannel, type StoredChannel } from '../../store/contracts.ts'
import type { App } from '../app.ts'
import { execute, type Asking, type Outcome, type Reply, type Work } from '../execute.ts'
import type { AccountTelling } from './account.ts'

type Change = (at: { provider: string; person: string; now: number; tx: Parameters<Work['decide']>[0] }) => Promise<StoredChannel | undefined>

const onChannel = (app: App, asking: Asking, command: string, input: object, fact: string, telling: AccountTelling<StoredChannel>, change: Change): Promise<Reply> =>
  execute(app, asking, {
    command, input, refusal: telling.refusal,
    lock: async () => undefined,
    async decide(tx, now) {
      const { actor } = asking
      const refusal = mayNot(actor, 'write-channel')
      if (refusal) return refusal
      const channel = await change({ provider: actor.party.id, person: actor.person, now, tx })
      if (channel === undefined) return refuse('not_found')
      const outcome: Outcome = {
        changes: undefined, before: undefined, facts: [{ fact, channel: channel.id, version: channel.version, at: now }], tids: [],
        provider: actor.party.id, mid: undefined, reply: telling.view(channel),
      }
      return outcome
    },
  })

export const saveChannel = (app: App, asking: Asking, id: string, channel: Channel, telling: AccountTelling<StoredChannel>): Promise<Reply> =>
  onChannel(app, asking, 'save-channel', { id, channel }, 'channel_saved', telling, async ({ provider, person, now, tx }) =>
    ({ ...channel, id, provider, updatedAt: now, version: await putChannel(tx, { provider, id, channel, by: person, at: now }) }))

export const removeChannelOf = (app: App, asking: Asking, id: string, telling: AccountTelling<StoredChannel>): Promise<Reply> =>
  onChannel(app, asking, 'remove-channel', { id }, 'channel_removed', telling, async ({ provider, tx }) => {
    const found = (await readChannels(tx, provider)).find((c) => c.id === id)
    return found && (await removeChannel(tx, provider, id)) ? found : undefined
  })
