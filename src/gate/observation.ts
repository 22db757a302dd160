// What a gate sees and the primary should hear of. Observing costs a few field writes and never waits: observations go to
// the database in batches, and to disk while the database is away. The gate itself notes attempts, stand-in approvals and
// security events as it decides; doors observe what only they can see – the rest of this list.
// No card number, track or PIN block ever stands in one: `cardMasked` is the first six and the last four.
import type { GateReason, SecurityEvent } from '../domain/gate.ts'
import type { CardKind, TransactionClass, TransactionStatus } from '../domain/vocabulary.ts'

export type Observation =
  /** Refused because the terminal is stopped. Noted by `decide`. */
  | {
      kind: 'attempt'; at: number; tid: string; mid: string; provider: string; class: TransactionClass; code: string
      reason: GateReason
    }
  /** Approved while the primary was out of reach. Noted by `decide`. */
  | {
      kind: 'standin'; at: number; tid: string; mid: string; provider: string; class: TransactionClass; amountFen: number
      epoch: number; seq: number
    }
  /** Something about the terminal is not as registered. Noted by `decide`. */
  | {
      kind: 'security'; at: number; tid: string; mid: string; provider: string; event: SecurityEvent
      serial?: string; position?: { longitude: number; latitude: number }
    }
  /** A sign-on went through: the door says so once it has answered it. */
  | { kind: 'signed_on'; at: number; tid: string }
  /** The device's own word on its state. */
  | {
      kind: 'device_said'; at: number; tid: string; said: 'signed_off' | 'stopped' | 'operating'
      by: 'sign_off' | 'status' | 'confirmation'
    }
  /** A transaction as it ended, for clearance. */
  | {
      kind: 'transaction'; at: number; tid: string; mid: string; provider: string; class: TransactionClass
      amountFen: number; batch: string; trace: string; reference: string; cardMasked?: string; cardKind?: CardKind
      authCode?: string; status: TransactionStatus
    }
  /** A batch was closed by the terminal. */
  | { kind: 'settled'; at: number; tid: string; mid: string; provider: string; batch: string; balanced: boolean }
