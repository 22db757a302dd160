// What a card machine does with its line, whoever is at the other end: counts vouchers, signs on and opens its keys, makes and
// checks MACs, remembers what it sold so that it can be voided and settled, and undoes what nobody answered before it asks
// for anything else. It decides nothing: whether a sale may be is the gate's answer.
import { F } from '../../../src/gate/iso8583/spec-unionpay.ts'
import type { BlockKey } from '../../../src/gate/iso8583/mac.ts'
import { balancedIn, keysIn, test_card, type Ask, type Said } from '../../../src/gate/front/terminal.ts'
import { commands } from '../../../src/gate/iso8583/frame.ts'
import type { Line, Reply } from './line.ts'
import type { Deal, Kept, Memory } from './memory.ts'

export type Outcome = {
  readonly ask: Ask
  /** F39; empty where nobody answered. */
  readonly code: string
  /** As the gate sent it, in Chinese; empty where it sent none. */
  readonly sentence: string
  readonly deal?: Deal | undefined
  readonly isBalanced?: boolean | undefined
  readonly totals?: Totals | undefined
}
export type Totals = { readonly debitFen: number; readonly debits: number; readonly creditFen: number; readonly credits: number }
export const isYes = ({ code }: Outcome): boolean => code === '00'

export type Standing = {
  readonly isSignedOn: boolean
  /** Messages carry a MAC. */
  readonly hasMac: boolean
  /** The gate asked for a sign-on. */
  readonly owesSignOn: boolean
}
export type Till = {
  standing(): Standing
  kept(): Kept
  signOn(): Promise<Outcome>
  signOff(): Promise<Outcome>
  deal(ask: Deal['ask'], amountFen: number, of?: Deal): Promise<Outcome>
  settle(): Promise<Outcome>
  echo(): Promise<Outcome>
  /** The device's own word that it stopped. */
  confirmStop(): Promise<Outcome>
}

const trace_max = 999_999
const batch_max = 999_999
const approved = '00'
const macWrong = 'A0'
const signOnFirst: readonly string[] = ['77', macWrong]
const after = (number: number, max: number): number => (number >= max ? 1 : number + 1)

const ways: Readonly<Partial<Record<Deal['ask'], 'debit' | 'credit'>>> = { sale: 'debit', complete: 'debit', void: 'credit', refund: 'credit' }
export function totalsOf({ deals, batch }: Kept): Totals {
  const sum = (way: 'debit' | 'credit') => {
    const counted = deals.filter((deal) => deal.batch === batch && ways[deal.ask] === way)
    return { count: counted.length, fen: counted.reduce((all, { amountFen }) => all + amountFen, 0) }
  }
  const [debit, credit] = [sum('debit'), sum('credit')]
  return { debitFen: debit.fen, debits: debit.count, creditFen: credit.fen, credits: credit.count }
}

export function openTill({ tid, mid, serial, line, memory, masterKey }: {
  tid: string; mid: string; serial: string | undefined; line: Line; memory: Memory
  /** The terminal's master key in hexadecimal; undefined where the keys are a host's. */
  masterKey: string | undefined
}): Till {
  let isSignedOn = false
  let owesSignOn = false
  let mac: BlockKey | undefined
  const change = (more: Partial<Kept>): void => memory.write({ ...memory.read(), ...more })
  const number = (): number => {
    const trace = after(memory.read().trace, trace_max)
    change({ trace })
    return trace
  }
  const said = (more: Partial<Said> = {}): Said =>
    ({ tid, mid, batch: memory.read().batch, trace: more.trace ?? number(), device: serial === undefined ? undefined : { serial }, ...more })
  const outcome = (ask: Ask, reply: Reply | undefined, more: Partial<Outcome> = {}): Outcome => {
    const { code = '', sentence = '', command = 0 } = reply?.heard ?? {}
    const told = { ask, code, sentence, ...more }
    // 77 or A0 – the gate's, or our own about its answer.
    if (signOnFirst.includes(told.code) || command === commands.sign_on) owesSignOn = true
    return told
  }

  /** Undoes what was left unanswered; false where that is still not answered, either. */
  const undoOwed = async (): Promise<boolean> => {
    const { owed } = memory.read()
    if (owed === undefined) return true
    const reply = await line.ask('reversal', said({ ...owed, card: test_card, mac }))
    if (reply === undefined) return false
    change({ owed: undefined })
    return true
  }

  const signOn = async (): Promise<Outcome> => {
    const reply = await line.ask('sign-on', said())
    if (reply?.heard.code !== approved) return outcome('sign-on', reply)
    const keys = masterKey === undefined ? undefined : keysIn(reply.heard, Buffer.from(masterKey, 'hex'))
    if (masterKey !== undefined && keys === undefined) return outcome('sign-on', reply, { code: macWrong })
    mac = keys?.macKey
    isSignedOn = true
    owesSignOn = false
    if (reply.heard.batch > 0) change({ batch: reply.heard.batch })
    return outcome('sign-on', reply)
  }
  const forgetKeys = (): void => {
    isSignedOn = false
    mac = undefined
  }

  return {
    signOn,
    standing: () => ({ isSignedOn, hasMac: mac !== undefined, owesSignOn }),
    kept: memory.read,
    async signOff() {
      const reply = await line.ask('sign-off', said())
      if (reply?.heard.code === approved) forgetKeys()
      return outcome('sign-off', reply)
    },
    async deal(ask, amountFen, of) {
      if (!await undoOwed()) return outcome(ask, undefined)
      const asked = said({
        amountFen, card: test_card, mac, ...(of && { reference: of.reference, authCode: of.authCode, original: { batch: of.batch, trace: of.trace, date: of.date } }),
      })
      const { batch, trace } = asked
      // Owed from the moment it is asked: a machine that is switched off while it waits does not forget.
      change({ owed: { batch, trace, amountFen } })
      const reply = await line.ask(ask, asked)
      if (reply === undefined) return outcome(ask, undefined)
      const { heard: { code, fields } } = reply
      if (code === approved && reply.isMacRight === false) return outcome(ask, reply, { code: macWrong })
      change({ owed: undefined })
      if (code !== approved) return outcome(ask, reply)
      const deal: Deal = {
        ask, batch, trace, amountFen, reference: fields[F.reference]?.trim() ?? '', authCode: fields[F.authorisation] ?? '',
        date: fields[F.date] ?? '', time: fields[F.time] ?? '',
      }
      const { deals } = memory.read()
      change({ deals: [...deals.map((one) => (of && one.trace === of.trace && one.batch === of.batch ? { ...one, isOver: true } : one)), deal] })
      return outcome(ask, reply, { deal })
    },
    async settle() {
      if (!await undoOwed()) return outcome('settle', undefined)
      const totals = totalsOf(memory.read())
      const reply = await line.ask('settle', said({ totals }))
      if (reply?.heard.code !== approved) return outcome('settle', reply)
      const isBalanced = balancedIn(reply.heard)
      if (isBalanced !== true) await line.ask('upload-end', said({ totals }))
      const { batch, deals } = memory.read()
      // What was only held may be completed in a later batch.
      change({ batch: after(batch, batch_max), deals: deals.filter((deal) => deal.ask === 'preauth' && !deal.isOver) })
      // Keys belong to a batch.
      if (mac !== undefined && (await signOn()).code !== approved) forgetKeys()
      return outcome('settle', reply, { isBalanced, totals })
    },
    async echo() { return outcome('echo', await line.ask('echo', said({ trace: 0 }))) },
    async confirmStop() { return outcome('status', await line.ask('status', said({ trace: 0, word: 'stopped' }))) },
  }
}
