// Where something of a merchant may stand, table by table, and what becomes of it: sealed under its key (gone with the key),
// removed, written over, or kept with the reason why. A test goes through every column of the database: one that nobody
// listed here fails it, so that a new table cannot forget to be disposed of.
import type { DisposedPart } from '../domain/vocabulary.ts'

export type Holding = {
  /** How its rows are found; `mid = $1` unless told. */
  of?: string
  part?: DisposedPart
  /** Unreadable without the key. */
  sealed?: readonly string[]
  /** Column → what is written over it. */
  erased?: Readonly<Record<string, string>>
  /** The rows themselves go. */
  removed?: true
  /** Column → why it stays, or why there is nothing personal in it. */
  kept?: Readonly<Record<string, string>>
}

const ofCases = 'no in (select no from application where mid = $1)'
const ofTerminals = 'tid in (select tid from terminal where mid = $1)'
const disposedWords = ["'（已按规定销毁）'", "'(disposed of by rule)'"] as const
/** Objects of a list without these of their fields. */
const without = (column: string, ...fields: string[]): string =>
  `case when ${column} is null then null else coalesce((select jsonb_agg(item${fields.map((f) => ` - '${f}'`).join('')}) from jsonb_array_elements(${column}) item), '[]') end`

/** A signature stays signed, but nobody sees it any more. */
const gone = (column: string): string => `case when ${column} is null then null else '\\x'::bytea end`
const fiveElements = 'one of the five elements of a terminal, registered once and for all by rule 259'
const law = 'kept by law: vouchers and ledgers for 30 years, in numbers'
const masked = 'first six and last four digits of a card at most'

export const holdings: Readonly<Record<string, Holding>> = {
  merchant: {
    part: 'personal',
    sealed: ['contact_sealed', 'phone_sealed', 'legal_person_sealed', 'account_sealed', 'backup_key_sealed'],
    erased: { name: disposedWords[0], uscc: "''", licence_until: 'null' },
    kept: { wrapped_key: 'destroyed with the confirmation', mcc: 'a class of business' },
  },
  merchant_provider: { kept: { name_folded: 'follows the name by trigger' } },
  store: { part: 'stores', erased: { name: "'#' || id", address: "''", longitude: 'null', latitude: 'null' } },
  terminal: {
    erased: { records: 'null' },
    kept: { clearance: 'counts and amounts', dormancy_answer: 'a word of a closed set' },
  },
  application: {
    part: 'words', sealed: ['words_sealed', 'proof_sealed'], erased: { findings: "'[]'", wish: "case when wish is null then null else '{}'::jsonb end" },
    kept: { reviewed_digest: 'a digest', rule: 'the id of a rule', makers: 'ids of persons', submitted_with: 'what rules look at, in numbers' },
  },
  hold: { part: 'words', sealed: ['words_sealed'], kept: { reminders: 'moments' } },
  step: { of: ofCases, part: 'evidence', erased: { evidence: 'null' }, kept: { rule: 'the id of a rule', id: 'the id of a rule' } },
  material: {
    of: ofCases, part: 'papers', sealed: ['name_sealed'], erased: { words: 'null' },
    kept: { sha256: 'a digest: which paper it was, not what it said', media_type: 'a kind of file' },
  },
  device_test: { part: 'evidence', erased: { items: without('items', 'note') } },
  transaction: {
    kept: { card_masked: masked, auth_code: 'a number of the network', batch: 'a number', trace: 'a number', reference: 'a number', status: 'a word' },
  },
  letter: {
    of: "mid = $1 and kind <> 'disposal_certificate'", part: 'letters', erased: { facts: "'{}'", state: "'disposed'" },
    kept: { code: 'known to holders of the letter only' },
  },
  letter_pdf: { of: "mid = $1 and no in (select no from letter where kind <> 'disposal_certificate')", removed: true },
  notice: { part: 'notices', erased: { words_zh: disposedWords[0], words_en: disposedWords[1] } },
  backup: { of: ofTerminals, erased: { file: 'null', failure: "coalesce(failure, 'disposed of')" }, kept: { sha256: 'a digest', sealed_for: 'a word' } },
  device_return: {
    part: 'devices', sealed: ['dispute_sealed'], erased: { carrier: 'null', tracking: 'null', parts: without('parts', 'photo', 'note', 'words') },
    kept: { deduction: law, reference: law },
  },
  gate_report: { part: 'devices', erased: { body: "'{}'" } },
  gate_attempt: {},
  settlement_part: { part: 'records', removed: true },
  settlement_day: {},
  settlement_break: { part: 'records', erased: { content: "'{}'" }, kept: { reference: 'a number of the network' } },
  settlement_break_event: { sealed: ['words_sealed'] },
  ledger_entry: { kept: { words_zh: law, words_en: law, formula_zh: law, formula_en: law, month: law, serial: 'a device' } },
  ledger_line: {},
  contract: { kept: { document: `${law}; an agreement of two firms` } },
  payment: { kept: { reference: law, method: 'a word' } },
  invoice: {},
  invoice_line: {},
  waiver: { part: 'words', erased: { words: disposedWords[0] } },
  accrual: { kept: { from_month: 'a month', through_month: 'a month' } },
  journal: { kept: { body: 'append-only; the words of persons stand in it as digests', hash: 'a digest', previous: 'a digest' } },
  import: { of: 'mid = $1', kept: { file_name: 'a file of many; one of this merchant alone is renamed', actor: 'who imported', sha256: 'a digest' } },
  // Telling: whoever was written to, and how it went.
  event: { kept: { body: 'numbers, states and moments; no word of anybody' } },
  event_counter: {},
  contact: { part: 'personal', sealed: ['address_sealed'], erased: { removed_at: 'coalesce(removed_at, clock_timestamp())' }, kept: { about: 'kinds of notice' } },
  webhook: {
    part: 'personal', erased: { url: "''", name: "''", secret_sealed: "'\\x'", old_secret_sealed: 'null', old_until: 'null', removed_at: 'coalesce(removed_at, clock_timestamp())' },
    kept: { kinds: 'kinds of event' },
  },
  delivery: { sealed: ['address_sealed'], erased: { proof: 'null' } },
  complaint: { part: 'words', sealed: ['words_sealed', 'proof_sealed', 'answer_sealed', 'remark_sealed'] },
  // Many at once: what was to happen to each.
  bulk_item: { part: 'evidence', erased: { given: 'null', particulars: 'null' }, kept: { code: 'why not, a word of a closed set' } },
  plan_terminal: { part: 'evidence', erased: { tested: "case when tested is null then null else '{}'::jsonb end" } },
  // Devices and the hands they went through: the chain is append-only, and speaks of devices.
  device_binding: {},
  terminal_registration: {
    kept: { longitude: fiveElements, latitude: fiveElements, model: fiveElements, photo: 'the number of a picture, which is gone' },
  },
  handover: {
    part: 'devices', erased: { words: 'null', items: without('items', 'note', 'photo', 'words'), given_drawing: gone('given_drawing'), taken_drawing: gone('taken_drawing') },
    kept: { from_id: 'a number', to_id: 'a number' },
  },
  handover_device: {},
  custody: { kept: { condition: 'how a device looked; append-only', accessories: 'what came with a device', from_id: 'a number', to_id: 'a number' } },
  // Tickets, evidence and duties.
  ticket: {},
  ticket_entry: { sealed: ['words_sealed'], kept: { parts: 'names of spare parts' } },
  evidence: { part: 'papers', sealed: ['name_sealed'], kept: { sha256: 'a digest', media_type: 'a kind of file' } },
  care_duty: {
    part: 'evidence', sealed: ['words_sealed'], erased: { position: 'null', checks: without('checks', 'note', 'photo', 'words'), calls: "'[]'" },
    kept: { items: 'words of a closed set' },
  },
  care_seen: { part: 'devices', erased: { seen: "'{}'" } },
  care_account: {},
  care_session: {},
  legal_hold: { part: 'words', erased: { words: "''", lifted_words: "null" }, kept: { reference: 'the number of the authority’s paper' } },
  disposal: { erased: { words: "''" }, kept: { basis: 'classes and days', counts: 'numbers' } },
}
