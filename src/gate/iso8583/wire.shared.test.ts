// The reference messages: every one decodes to its expectation and packs back to the same bytes, MACs agree, the tables
// are those published, and no part of a message broken in any way shows a card.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe as suite, expect, test } from 'vitest'
import { isTorture, makeRandom, seedOfRun } from '../../../test/model/random.ts'
import { createAnswers } from './answer.ts'
import { classify } from './classify.ts'
import { describe, shownFields } from './describe.ts'
import { categories, responseMeanings } from './f39.ts'
import { messageStart } from './frame.ts'
import { readHostHeader } from './host-header.ts'
import { checkValue, wrapKeys } from './keys.ts'
import { blockKey, isMacRight, writeMac } from './mac.ts'
import { decode, encode } from './message.ts'
import { broken } from './messages.fixtures.ts'
import { newPeek, peek } from './peek.ts'
import { reversalOf } from './reversal.ts'
import { unionpay } from './spec-unionpay.ts'
import { international, internationalHex, internationalPacked } from './spec-international.ts'

const shared = process.env.TINGQI_SHARED ?? new URL('../../../../shared/data', import.meta.url).pathname
const read = <T>(name: string): T => JSON.parse(readFileSync(join(shared, 'iso8583', name), 'utf8')) as T
type Sample = {
  id: string
  hex: string
  framing: { lengthPrefix?: boolean; lengthPrefixValue?: number; tpdu: string | null; header: string | null }
  expect: { mti: string; bitmap: string; fieldsPresent: number[]; fields: Record<string, string> }
}
const pos = [
  ...read<{ samples: Sample[] }>('unionpay-pos-samples.json').samples,
  ...read<{ samples: Sample[] }>('unionpay-pos-constructed.json').samples,
]
const cups = read<{ samples: { id: string; hex: string; mti: string }[] }>('unionpay-cups-host-samples.json').samples
// The last entry only points to files of another library.
const others = read<{ samples: { id: string; hex?: string; raw?: string; expect: Record<string, string> }[] }>(
  'international-samples.json',
).samples.filter(({ hex, raw }) => hex !== undefined || raw !== undefined)
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
const upper = (part: Buffer): string => part.toString('hex').toUpperCase()
const named = <T extends { id: string }>(samples: readonly T[]): [string, T][] => samples.map((sample) => [sample.id, sample])
const messageOf = ({ hex, framing }: Sample): number => {
  const start = framing.lengthPrefixValue === undefined ? 0 : 2
  return framing.tpdu === null ? start : messageStart(bytes(hex), start, hex.length / 2, 'recognised')
}
const find = (id: string): Sample => pos.find((sample) => sample.id === id)!

suite('UnionPay terminals', () => {
  test('the samples are all there', () => expect([pos.length, cups.length, others.length]).toEqual([32, 9, 7]))

  test.each(named(pos))('%s', (_, sample) => {
    const frame = bytes(sample.hex)
    const at = messageOf(sample)
    const { tpdu, header } = sample.framing
    expect(at).toBe((sample.framing.lengthPrefixValue === undefined ? 0 : 2) + ((tpdu?.length ?? 0) + (header?.length ?? 0)) / 2)
    const message = decode(unionpay, frame, at)
    expect(message).toEqual({ mti: sample.expect.mti, bitmap: sample.expect.bitmap, fields: sample.expect.fields })
    expect(Object.keys(message.fields).map(Number)).toEqual(sample.expect.fieldsPresent)
    expect(encode(unionpay, message)).toEqual({ bytes: frame.subarray(at) })
  })

  test.each(named(pos))('%s, as it is shown', (_, sample) => {
    const description = describe(bytes(sample.hex))
    expect(description.fault).toBeUndefined()
    expect([description.mti, description.bitmap]).toEqual([sample.expect.mti, sample.expect.bitmap])
    expect([description.tpdu ?? null, description.header ?? null]).toEqual([sample.framing.tpdu, sample.framing.header ?? null])
    const shown = shownFields(description)
    for (const [field, value] of Object.entries(sample.expect.fields)) {
      if (['2', '35', '36', '52', '55', '62'].includes(field)) continue
      expect(shown[field]).toBe(value)
    }
    for (const field of ['35', '36', '52', '55']) expect(shown[field] ?? '***').toContain('***')
    if (sample.expect.fields[2]) expect(shown[2]).toMatch(/^\d{6}\*+\d{4}$/)
  })

  test('requests have a class, answers none', () => {
    const look = newPeek()
    const classes = pos.map((sample) => {
      const frame = bytes(sample.hex)
      peek(unionpay, frame, messageOf(sample), frame.length, look)
      return [sample.id, classify(look)]
    })
    expect(Object.fromEntries(classes.filter(([, is]) => is !== undefined))).toEqual({
      'upos-0800-signin-003': 'sign_on',
      'upos-0800-signin-001': 'sign_on',
      'upos-0800-signin-noheader': 'sign_on',
      'upos-0800-signin-vendor-f46': 'sign_on',
      'upos-0800-tms-960': 'parameter_download',
      'upos-0200-sale-mag': 'sale',
      'upos-0200-mac-ok': 'sale',
      'upos-0400-reversal-98': 'reversal',
      'upos-0400-reversal-preauthvoid': 'reversal',
      'upos-0500-settle': 'settlement',
      'c-0800-signin': 'sign_on',
      'c-0820-signoff': 'sign_off',
      'c-0820-echo': 'echo',
      'c-0820-status': 'status',
      'c-0200-sale': 'sale',
      'c-0400-reversal-98': 'reversal',
      'c-0500-settle': 'settlement',
      'c-0320-batch-end-207': 'batch_upload',
      'c-0320-batch-end-202': 'batch_upload',
    })
  })

  const at = (month: number, day: number, hour: number, minute: number): number => Date.UTC(2026, month - 1, day, hour - 8, minute)
  test.each([
    ['c-0200-sale', 'c-0210-sale-58', { code: '58', at: at(9, 1, 10, 15), reference: 3 }],
    ['c-0200-sale', 'c-0210-sale-97', { code: '97', at: at(9, 1, 10, 15), reference: 3 }],
    ['c-0200-sale', 'c-0210-sale-03', { code: '03', at: at(9, 1, 10, 15), reference: 3 }],
    ['c-0400-reversal-98', 'c-0410-reversal-00', { code: '00', at: at(9, 1, 10, 16), reference: 3 }],
    ['c-0800-signin', 'c-0810-signin-97', { code: '97', at: at(9, 1, 9, 30), reference: 1 }],
    ['c-0800-signin', 'c-0810-signin-58', { code: '58', at: at(9, 1, 9, 30), reference: 1 }],
    ['c-0820-signoff', 'c-0830-signoff-00', { code: '00', at: at(9, 1, 18, 0), reference: 2 }],
  ])('%s is answered by %s, to the byte', (request, response, answer) => {
    const frame = bytes(find(request).hex)
    const look = newPeek()
    peek(unionpay, frame, 13, frame.length, look)
    const out = Buffer.alloc(1_024)
    expect(upper(out.subarray(0, createAnswers()(out, 0, frame, 2, look.located, answer)))).toBe(find(response).hex)
  })

  test('the reversal made of the sale is the reversal given, but for its MAC', () => {
    const frame = bytes(find('c-0200-sale').hex)
    const look = newPeek()
    peek(unionpay, frame, 13, frame.length, look)
    const { 64: _, ...fields } = find('c-0400-reversal-98').expect.fields
    expect(decode(unionpay, reversalOf(frame, 2, look.located, { reason: 'late' })!, 13)).toMatchObject({ mti: '0400', fields })
  })
})

suite('between hosts', () => {
  test.each(named(cups))('%s', (_, { hex, mti }) => {
    const message = decode(international, bytes(hex))
    expect([message.fault, message.mti]).toEqual([undefined, mti])
    expect(encode(international, message)).toEqual({ bytes: bytes(hex) })
    expect(describe(bytes(hex), 'international').fault).toBeUndefined()
  })

  const messages = others.filter(({ expect: { 0: mti } }) => mti !== undefined)
  test.each(named(messages))('%s', (id, { hex, raw, expect: { 0: mti, bitmap, ...fields } }) => {
    const spec = raw !== undefined ? internationalHex : id === 'moov-binbitmap-0100' ? internationalPacked : international
    const given = raw === undefined ? bytes(hex!) : Buffer.from(raw)
    const message = decode(spec, given)
    expect(message.fault).toBeUndefined()
    expect(message).toMatchObject({ mti, fields })
    if (bitmap !== undefined) expect(message.bitmap).toBe(bitmap)
    expect(encode(spec, message)).toEqual({ bytes: given })
    expect(describe(given, 'international').fault).toBeUndefined()
  })

  test('the header of CUPS', () => {
    const { hex, expect: header } = others.find(({ id }) => id === 'alatka-cups-header')!
    expect(readHostHeader(bytes(hex!))).toMatchObject({
      flagAndVersion: header.flagAndVersion,
      messageBytes: Number(header.totalMessageLength),
      destination: header.destinationId,
      source: header.sourceId,
      batch: header.batchNumber,
      transaction: header.transactionInfo,
      user: header.userInfo,
      rejectCode: header.rejectCode,
    })
  })
})

suite('MAC and keys', () => {
  type Vector = {
    id: string
    mak: string
    mab: string
    field64Ascii: string
    message?: string
    tmk?: string
    makEncryptedUnderTmk?: string
    makKcvZeros?: string
  }
  const { vectors } = read<{ vectors: Vector[] }>('unionpay-mac-vectors.json')
  test.each(named(vectors))('%s', (_, vector) => {
    const key = blockKey(bytes(vector.mak))!
    const out = Buffer.alloc(8)
    writeMac(key, bytes(vector.mab), 0, vector.mab.length / 2, out, 0)
    expect(out.toString('latin1')).toBe(vector.field64Ascii)
    if (vector.message !== undefined) expect(isMacRight(key, bytes(vector.message), 13, vector.message.length / 2 - 8)).toBe(true)
    if (vector.tmk !== undefined) {
      const mak = bytes(vector.mak)
      expect(upper(wrapKeys(bytes(vector.tmk), 1, { pin: mak, mac: mak })!.subarray(0, 8))).toBe(vector.makEncryptedUnderTmk)
      expect(vector.makKcvZeros).toMatch(new RegExp(`^${upper(checkValue(mak))}`))
    }
  })
  test('the keys of the published sign-on answer stand where ours do', () => {
    const keys = bytes(find('upos-0810-signin-resp-40').expect.fields[62]!)
    expect([keys.length, upper(keys.subarray(28, 36))]).toEqual([40, '0000000000000000'])
  })
})

test('field 39 is the published table', () => {
  const { table } = read<{ table: { code: string; meaning: string; category: string; terminalDisplay: string }[] }>('unionpay-field39.json')
  expect(
    Object.entries(responseMeanings)
      .map(([code, { category, meaning, display }]) => [code, meaning[0], category, display[0]])
      .sort(),
  ).toEqual(table.map(({ code, meaning, category, terminalDisplay }) => [code, meaning, category, terminalDisplay]).sort())
  expect(table.every(({ category }) => Object.hasOwn(categories, category))).toBe(true)
})

test('the format is the published one, wider only where real messages are', () => {
  const { fields } = read<{ fields: { field: number; name: string; type: string; encoding: string }[] }>('unionpay-pos-field-format.json')
  const kinds: Record<string, string> = { n: 'n', z: 'z', an: 'ans', ans: 'ans', b: 'b' }
  for (const { field, type, encoding } of fields) {
    const [, kind, dots, size] = /^(ans|an|n|z|b)(\.\.)?(\d+)$/.exec(type)!
    const ours = unionpay.fields[field]!
    const bytesOfBits = kind === 'b' && !dots ? Number(size) / 8 : Number(size)
    expect([field, ours.kind, ours.lengthDigits > 0]).toEqual([field, kinds[kind!], dots !== undefined])
    if (dots) expect([field, ours.lengthDigits]).toEqual([field, encoding.startsWith('LLLVAR') ? 3 : 2])
    if (field === 60) expect(ours.size).toBeGreaterThan(Number(size))
    else expect([field, ours.size]).toEqual([field, bytesOfBits])
  }
})

test('every message of the catalogue has a class, but the cashier’s own sign-on', () => {
  type Row = { name: string; request: string; processingCode: string | null; f60_1: string; f60_3: string; note: string }
  const { messages } = read<{ messages: Row[] }>('unionpay-pos-messages.json')
  const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number)
  const classless = messages.flatMap(({ name, request, processingCode, f60_1, f60_3, note }) => {
    const requests = numbers(request)
    const networks = numbers(f60_3)
    return numbers(f60_1.replace('same as original', '22')).flatMap((kind) =>
      networks
        .filter((network, i) => {
          const mti = requests[Math.min(i, requests.length - 1)]!
          const condition = note.includes('06') ? 6 : kind === 0 ? -1 : 0
          const processing = processingCode === null ? -1 : Number(processingCode.replace(/\D/g, '') || 0)
          return classify({ mti, processing, condition, kind, network }) === undefined
        })
        .map(() => name),
    )
  })
  expect(classless).toEqual(['收银员积分签到'])
})

suite('broken samples', () => {
  const given = [
    ...pos.map(({ hex }) => bytes(hex)),
    ...cups.map(({ hex }) => bytes(hex)),
    ...others.map(({ hex, raw }) => (raw ? Buffer.from(raw) : bytes(hex ?? ''))),
  ]
  // Any twelve digits in a row of what stands in the samples; where they are mostly the same, or count up, it is by chance.
  const secrets = [...pos.map((sample) => sample.expect.fields), ...cups.map(({ hex }) => decode(international, bytes(hex)).fields)]
    .flatMap((fields) => [fields[2], fields[35], fields[36], fields[52], fields[55]])
    .filter((text): text is string => text !== undefined)
    .flatMap((text) => Array.from({ length: Math.max(0, text.length - 11) }, (_, i) => text.slice(i, i + 12)))
    .filter((part) => new Set(part).size > 6 && !part.includes('12345'))
  const matcher = new RegExp([...new Set(secrets)].join('|'))
  const tried = (part: Buffer): void => {
    for (const dialect of ['unionpay', 'international'] as const) {
      const description = describe(part, dialect)
      const seen = matcher.exec(JSON.stringify(shownFields(description)))
      if (seen) throw new Error(`${dialect} shows ${seen[0]}: ${upper(part)}`)
    }
    decode(unionpay, part)
    decode(international, part)
  }

  test('cut at every byte', () => {
    for (const sample of given) for (let end = 0; end < sample.length; end++) tried(sample.subarray(0, end))
  }, 120_000)

  test(
    'at random',
    () => {
      const seed = seedOfRun()
      const random = makeRandom(seed)
      const whole = given.filter((sample) => sample.length > 0)
      for (let run = 0; run < (isTorture ? 300_000 : 20_000); run++) {
        const part = broken(random.pick(whole), random)
        try {
          tried(part)
        } catch (error) {
          throw new Error(`TINGQI_SEED=${seed}, run ${run}: ${upper(part)}`, { cause: error })
        }
      }
    },
    isTorture ? 3_600_000 : 120_000,
  )
})
