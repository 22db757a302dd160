// What the page knows of its terminal: who it belongs to and how it stands, by the register; in which mode it is, and what the
// cashier reads about it, by the gate.
import { getGateTerminal, getMe, getTerminal } from '../../../src/client/generated/sdk.gen.ts'
import type { GetTerminalResponses } from '../../../src/client/generated/types.gen.ts'
import { services, type Mode, type Service, type Words } from '../../../src/domain/vocabulary.ts'
import { ask, Refused } from '../api.ts'
import { isProvidersStop } from '../hold.ts'

type Register = GetTerminalResponses[200]
export type Known = {
  readonly tid: string
  readonly mid: string
  readonly merchant: string
  readonly store: string | undefined
  readonly provider: string
  readonly hotline: string
  readonly serial: string | undefined
  readonly mode: Mode
  /** In the register's words, which know more states than the gate. */
  readonly state: Words
  /** It is the provider who stopped it. */
  readonly isByProvider: boolean
  /** The gate's, in the reader's language. */
  readonly sentence: string
  readonly hostBlockedAt: string | null
  readonly deviceConfirmedAt: string | null
  readonly allowed: Pick<Register['allowed'], 'suspend' | 'test'>
  readonly cases: Register['cases']
  readonly now: number
}

const modeOf: Readonly<Record<Service, Mode>> = {
  pending_setup: 'unknown', active: 'open', restricted: 'restrict', draining: 'drain', suspended: 'shut', testing: 'test', closed: 'closed',
}
/** Of a terminal that the gate sees otherwise than the register a moment ago, the gate is right. */
const stateOf: Readonly<Partial<Record<Mode, Service>>> = {
  open: 'active', restrict: 'restricted', drain: 'draining', shut: 'suspended', test: 'testing', closed: 'closed',
}

const isNotThere = (error: unknown): undefined => {
  if (error instanceof Refused && [404, 503].includes(error.problem.status)) return undefined
  throw error
}

/** Null where nobody is signed in; undefined where the terminal is not theirs, or is not. */
export async function look(tid: string): Promise<Known | null | undefined> {
  try {
    const [me, register, gate] = await Promise.all([
      ask(getMe()), ask(getTerminal({ path: { tid } })).catch(isNotThere), ask(getGateTerminal({ path: { tid } })).catch(isNotThere),
    ])
    if (register === undefined) return undefined
    const mode = gate?.mode ?? modeOf[register.service]
    return {
      tid: register.tid, mid: register.mid, merchant: register.merchant.name, store: register.store?.name, provider: register.provider.name,
      hotline: register.provider.hotline, serial: register.device?.serial, mode, state: services[stateOf[mode] ?? register.service],
      isByProvider: register.holds.some(isProvidersStop),
      sentence: gate?.sentence ?? register.sentence, hostBlockedAt: register.hostBlockedAt, deviceConfirmedAt: register.deviceConfirmedAt,
      allowed: register.allowed, cases: register.cases, now: Date.parse(me.now),
    }
  } catch (error) {
    if (error instanceof Refused && error.problem.status === 401) return null
    throw error
  }
}
