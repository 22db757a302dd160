import { deflateSync } from 'node:zlib'
import { degrees, PDFDocument, PDFHexString, PDFName, PDFString } from '@cantoo/pdf-lib'
import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { takeIn } from './intake.ts'
import { judgePdf } from './intake-pdf.ts'

const isTorture = process.env.TINGQI_TORTURE === '1'
const taken = async (bytes: Uint8Array): Promise<string> => {
  const answer = await takeIn(bytes)
  return 'refused' in answer ? answer.refused : answer.mediaType
}

// ── Pictures ────────────────────────────────────────────────────────────────────────────────────────────────────────
const picture = (width = 60, height = 40) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 30 } } })
let jpeg: Buffer
let png: Buffer
beforeAll(async () => {
  jpeg = await picture()
    .jpeg()
    .withExif({
      IFD0: { Make: 'Camera', Copyright: 'someone' },
      IFD3: { GPSLatitude: '31/1 14/1 0/1', GPSLatitudeRef: 'N' },
    })
    .toBuffer()
  png = await picture()
    .png()
    .withMetadata({ exif: { IFD0: { ImageDescription: 'secret place' } } })
    .toBuffer()
})

test('a picture keeps its pixels and loses where it was taken', async () => {
  expect((await sharp(jpeg).metadata()).exif).toBeDefined()
  for (const given of [jpeg, png]) {
    const answer = await takeIn(given)
    if ('refused' in answer) throw new Error(answer.refused)
    const { exif, iptc, xmp, width, height } = await sharp(answer.bytes).metadata()
    expect({ exif, iptc, xmp, width, height }).toEqual({
      exif: undefined,
      iptc: undefined,
      xmp: undefined,
      width: 60,
      height: 40,
    })
    expect(answer.bytes.includes('someone') || answer.bytes.includes('secret place')).toBe(false)
    const [red, , blue] = await sharp(answer.bytes).raw().toBuffer()
    expect(red! - blue!).toBeGreaterThan(150)
  }
})

test('a picture is turned as its camera said before that mark is dropped', async () => {
  const answer = await takeIn(await picture().jpeg().withMetadata({ orientation: 6 }).toBuffer())
  expect('bytes' in answer && (await sharp(answer.bytes).metadata())).toMatchObject({ width: 40, height: 60 })
})

test('what hides behind a picture does not come in', async () => {
  const script = '<script>alert(1)</script>'
  for (const [given, mark] of [
    [Buffer.concat([jpeg, Buffer.from(script)]), script],
    [Buffer.concat([png, Buffer.from('PK\x03\x04payload')]), 'payload'],
  ] as const) {
    const answer = await takeIn(given)
    expect('bytes' in answer && answer.bytes.includes(mark)).toBe(false)
    expect('bytes' in answer).toBe(true)
  }
})

/** A PNG that says it is that large; its only chunk of data is a few bytes. */
const claimedPng = (width: number, height: number): Buffer => {
  const crcTable = Array.from({ length: 256 }, (_, n) => {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
    return c >>> 0
  })
  const crc = (bytes: Buffer): number =>
    (bytes.reduce((c, byte) => crcTable[(c ^ byte) & 255]! ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    check.writeUInt32BE(crc(body))
    return Buffer.concat([length, body, check])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(100))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

test.each<[string, () => Uint8Array | Promise<Uint8Array>, string]>([
  ['a program', () => Buffer.concat([Buffer.from('MZ'), Buffer.alloc(500, 0x90)]), 'file_type'],
  ['a page of HTML', () => Buffer.from('<!doctype html><script>1</script>'), 'file_type'],
  [
    'a drawing with scripts',
    () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'),
    'file_type',
  ],
  ['a GIF', () => picture().gif().toBuffer(), 'file_type'],
  ['an archive', () => Buffer.from('PK\x03\x04\x14\0\0\0'), 'file_type'],
  ['nothing', () => Buffer.alloc(0), 'file_type'],
  ['more than may be', () => Buffer.alloc(20 * 1_048_576 + 1, 0xff), 'too_large'],
  [
    'a truncated JPEG',
    async () =>
      (
        await sharp({
          create: {
            width: 800,
            height: 600,
            channels: 3,
            background: 'red',
            noise: { type: 'gaussian', mean: 128, sigma: 30 },
          },
        })
          .jpeg()
          .toBuffer()
      ).subarray(0, 20_000),
    'file_damaged',
  ],
  ['a JPEG of its first bytes', () => Buffer.from('ffd8ffe000104a464946', 'hex'), 'file_damaged'],
  ['a truncated PNG', () => png.subarray(0, png.length - 30), 'file_damaged'],
  ['a PNG that claims 50,000 × 50,000', () => claimedPng(50_000, 50_000), 'image_too_large'],
  ['a PNG that claims two thousand million', () => claimedPng(2_000_000_000, 2_000_000_000), 'file_damaged'],
  ['a PNG that claims just too much', () => claimedPng(8_000, 5_001), 'image_too_large'],
  ['a PNG that claims what it may and has none of it', () => claimedPng(8_000, 5_000), 'file_damaged'],
])('%s', async (_name, bytes, expected) => {
  expect(await taken(await bytes())).toBe(expected)
})

// ── PDF ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
const pdf = async (
  change: (document: PDFDocument) => void | Promise<void> = () => {},
  useObjectStreams = true,
): Promise<Buffer> => {
  const document = await PDFDocument.create()
  const page = document.addPage([300, 200])
  page.drawRectangle({ x: 10, y: 10, width: 50, height: 50, rotate: degrees(5) })
  await change(document)
  return Buffer.from(await document.save({ useObjectStreams }))
}
const inCatalog = (name: string, value: Record<string, unknown>) => (document: PDFDocument) => {
  document.catalog.set(PDFName.of(name), document.context.obj(value as never))
}
const action = (s: string, more: Record<string, unknown> = {}) =>
  inCatalog('OpenAction', { Type: 'Action', S: s, ...more })

const attached = (d: PDFDocument) => d.attach(Buffer.from('x'), 'x.exe', { mimeType: 'application/octet-stream' })
const embeddedByHand = (d: PDFDocument) => {
  const file = d.context.register(d.context.stream('MZ'))
  const annotation = d.context.register(
    d.context.obj({
      Type: 'Annot',
      Subtype: 'FileAttachment',
      FS: { Type: 'Filespec', F: PDFString.of('x.exe'), EF: { F: file } },
    }),
  )
  d.getPage(0).node.set(PDFName.of('Annots'), d.context.obj([annotation]))
}

test.each<[string, (document: PDFDocument) => void | Promise<void>]>([
  ['a script', (d) => d.addJavaScript('go', 'app.alert(1)')],
  ['a script in an action', action('JavaScript', { JS: PDFString.of('app.alert(1)') })],
  ['a launch', action('Launch', { F: PDFString.of('cmd.exe') })],
  ['an attachment', attached],
  ['an attachment at a page', embeddedByHand],
  ['a form of XFA', inCatalog('AcroForm', { Fields: [], XFA: PDFHexString.of('00') })],
  ['a form that sends itself', action('SubmitForm', { F: PDFString.of('http://x') })],
  ['another document opened inside', action('GoToE')],
  ['encryption', (d) => d.encrypt({ ownerPassword: 'o', userPassword: '', permissions: {} })],
  ['encryption with a password', (d) => d.encrypt({ ownerPassword: 'o', userPassword: 'u', permissions: {} })],
])('%s is refused, in plain objects and in object streams', async (_name, change) => {
  expect([await judgePdf(await pdf(change, false)), await judgePdf(await pdf(change, true))]).toEqual([
    'file_unsafe',
    'file_unsafe',
  ])
})

test('a plain document is taken as it is, with outlines, links, words about scripts and strings of any kind', async () => {
  const plain = await pdf((d) => {
    const link = {
      Type: 'Annot',
      Subtype: 'Link',
      Rect: [0, 0, 9, 9],
      A: { S: 'URI', URI: PDFString.of('https://example.com/JS/Launch/EF') },
    }
    d.getPage(0).node.set(PDFName.of('Annots'), d.context.obj([link as never]))
    d.catalog.set(
      PDFName.of('Outlines'),
      d.context.obj({ Type: 'Outlines', First: { Title: PDFString.of('unbalanced \\( /JavaScript') } as never }),
    )
    d.setTitle('JavaScript /JS 停机申请')
  })
  expect(await takeIn(plain)).toEqual({ mediaType: 'application/pdf', bytes: plain })
  expect(await judgePdf(await pdf(() => {}, false))).toBeUndefined()
})

const base = async (): Promise<string> => (await pdf(() => {}, false)).toString('latin1')
/** Before the cross-reference table, where nothing of the plain file refers to it. */
const beside = async (text: string): Promise<Buffer> =>
  Buffer.from((await base()).replace(/\nxref\n/, `\n${text}\nxref\n`), 'latin1')

test.each<[string, string, string | undefined]>([
  ['a name in disguise', '90 0 obj << /S /J#61vaScript >> endobj', 'file_unsafe'],
  ['a key in disguise', '90 0 obj << /#4a#53 (x) >> endobj', 'file_unsafe'],
  ['a key said twice', '90 0 obj << /S /Launch /F (cmd.exe) /S /GoTo >> endobj', 'file_unsafe'],
  [
    'an object in the middle of a stream',
    '90 0 obj << /Length 60 >> stream\n91 0 obj << /S /Launch /F (cmd.exe) >> endobj              \nendstream endobj',
    'file_unsafe',
  ],
  ['an object in a comment', '% 90 0 obj << /S /Launch >> endobj', 'file_unsafe'],
  ['an end in a string', '90 0 obj << /A (endobj) /S /Launch >> endobj', 'file_unsafe'],
  ['an object that does not end', '90 0 obj << /S /Launch', 'file_unsafe'],
  ['a second trailer', 'trailer << /Encrypt 1 0 R >>', 'file_unsafe'],
  [
    'objects packed in a way nobody uses',
    '90 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /LZWDecode /Length 3 >> stream\nabc\nendstream endobj',
    'file_unsafe',
  ],
  [
    'objects whose packing stands elsewhere',
    '90 0 obj << /N 1 /First 4 /Filter 5 0 R /Length 3 >> stream\nabc\nendstream endobj',
    'file_unsafe',
  ],
  [
    'objects that are not packed',
    '90 0 obj << /Type /ObjStm /N 1 /First 4 /Length 22 >> stream\n9 0 << /S /Launch >>   \nendstream endobj',
    'file_unsafe',
  ],
  ['a name that only begins like one', '90 0 obj << /JSON (x) /Launcher 1 /EFX 2 >> endobj', undefined],
])('%s', async (_name, text, expected) => {
  expect(await judgePdf(await beside(text))).toBe(expected)
})

const packed = (content: Buffer): string =>
  `90 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length ${content.length} >> stream\n${content.toString('latin1')}\nendstream endobj`

test('objects that unpack to more than memory are refused before they do', async () => {
  expect(await judgePdf(await beside(packed(deflateSync(Buffer.alloc(80 * 1_048_576)))))).toBe('file_unsafe')
  const many = Array.from({ length: 5 }, () => packed(deflateSync(Buffer.alloc(20 * 1_048_576, ' ')))).join('\n')
  expect(await judgePdf(await beside(many))).toBe('file_unsafe')
})

test('a PDF that is an archive too, one cut short, one of nothing', async () => {
  const plain = await pdf()
  expect(await taken(Buffer.concat([plain, Buffer.from('PK\x05\x06'), Buffer.alloc(18)]))).toBe('file_unsafe')
  expect(await taken(plain.subarray(0, plain.length - 100))).toBe('file_damaged')
  expect(await taken(Buffer.from('%PDF-1.7\n%%EOF'))).toBe('file_damaged')
  expect(await taken(Buffer.concat([Buffer.from('junk\n'), plain]))).toBe('file_type')
})

// ── Whatever comes ──────────────────────────────────────────────────────────────────────────────────────────────────
test('bytes changed, cut and glued at random: always an answer, soon', async () => {
  const sources = [await pdf(), await pdf(() => {}, false), await pdf(attached), jpeg, png]
  const words = [
    'obj',
    'endobj',
    'stream\n',
    '<<',
    '(',
    ')',
    '/JS',
    '/ObjStm /First 1',
    '/FlateDecode',
    'trailer',
    'xref',
    '%',
    '9 0 R',
    '[',
    '\\',
  ]
  const hurt = fc
    .record({
      source: fc.integer({ min: 0, max: sources.length - 1 }),
      changes: fc.array(
        fc.record({
          at: fc.double({ min: 0, max: 1, noNaN: true }),
          put: fc.oneof(
            fc.constantFrom(...words),
            fc.uint8Array({ maxLength: 8 }).map((b) => Buffer.from(b).toString('latin1')),
          ),
          cut: fc.integer({ min: 0, max: 40 }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    })
    .map(({ source, changes }) =>
      changes.reduce((bytes, { at, put, cut }) => {
        const place = Math.floor(at * bytes.length)
        return Buffer.concat([bytes.subarray(0, place), Buffer.from(put, 'latin1'), bytes.subarray(place + cut)])
      }, sources[source]!),
    )
  const known = new Set([undefined, 'file_unsafe', 'file_damaged'])
  await fc.assert(
    fc.asyncProperty(hurt, async (bytes) => {
      const started = performance.now()
      if (bytes.toString('latin1', 0, 5) === '%PDF-') expect(known.has(await judgePdf(bytes))).toBe(true)
      else
        expect([
          'file_type',
          'file_damaged',
          'image/jpeg',
          'image/png',
          'application/pdf',
          'file_unsafe',
          'image_too_large',
        ]).toContain(await taken(bytes))
      expect(performance.now() - started).toBeLessThan(5_000)
    }),
    { numRuns: isTorture ? 100_000 : 400 },
  )
}, 60_000)
