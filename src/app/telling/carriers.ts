// Which channels can be carried here: those the operator configured. Where nothing is configured nothing is sent.
import type { TellingConfig } from '../../config.ts'
import type { DeliveryChannel } from '../../domain/vocabulary.ts'
import { openAdapter } from '../../telling/adapter.ts'
import { openMail } from '../../telling/mail.ts'
import type { Carriers } from './carry.ts'

export const carriersOf = (config: Pick<TellingConfig, 'smtp' | 'adapter'> | undefined): Carriers => ({
  ...(config?.smtp ? { mail: openMail(config.smtp) } : {}),
  ...(config?.adapter ? { sms: openAdapter('sms', config.adapter), robot: openAdapter('robot', config.adapter) } : {}),
})

/** Webhooks need nobody's configuration but their own. */
export const channelsOf = (carriers: Carriers): ReadonlySet<DeliveryChannel> => new Set([...(Object.keys(carriers) as DeliveryChannel[]), 'webhook'])
