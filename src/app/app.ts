// What every command needs and nothing else: made once at start, passed along, never global.
import type { Calendar } from '../domain/calendar.ts'
import type { Standing } from '../domain/gates.ts'
import type { Policy } from '../domain/policy.ts'
import type { Words } from '../domain/vocabulary.ts'
import type { Db } from '../store/db.ts'
import type { Vault } from '../store/vault.ts'
import type { Clock } from './clock.ts'

export type Provider = {
  id: string
  name: string
  nameEn: string
  prefix: string
  hotline: string
  hotlineHours: string
  licenceNo: string | undefined
}
export type PolicyInForce = { policy: Policy; version: number }

export type Log = {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

export type App = {
  db: Db
  clock: Clock
  vault: Vault
  log: Log
  home: string
  publicUrl: string
  zone: string
  isDemo: boolean
  calendar(): Calendar
  providers(): readonly Provider[]
  provider(id: string): Provider
  /** The policy in force at an instant; a case asks for the version it was submitted under. */
  policyAt(provider: string, at: number): PolicyInForce
  policyVersion(provider: string, version: number): PolicyInForce
  /** Reloads calendar, providers and policies after they changed. */
  reload(): Promise<void>
  /** Serial numbers for cases, reserved in blocks so that filing never waits for a counter. */
  nextSerial(provider: string, series: string, day: string): Promise<number>
  /** Since when every live gate has known everything up to a journal sequence number; undefined while one has not. */
  gatesKnowAt(seq: number): number | undefined
  /** How far the gates are with everything up to a sequence number; undefined where nobody watches them. */
  gatesStanding(seq: number): Standing | undefined
  /** Resolves when this process's gate has heard of everything committed so far, or after a moment at the latest. */
  gateHears(): Promise<void>
  /** Says that something was committed; `dueAt` is the earliest instant at which the clock must look at it (epoch ms). */
  stirred(dueAt?: number): void
  onStir(listener: (dueAt: number | undefined) => void): () => void
}

export const providerWords = (p: Provider): Words => [p.name, p.nameEn]
