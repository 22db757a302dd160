import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { PDFDocument } from '@cantoo/pdf-lib'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { at, ear, makeWorld, people, person, startServer, type Told, type World } from '../../test/world.ts'
import type { Actor } from '../domain/authority.ts'
import { fileCase, type CaseAsking } from './cases.ts'
import { openMaterials, safeName, type MaterialFile, type Materials } from './materials.ts'

let server: Awaited<ReturnType<typeof startServer>>
let world: World
let materials: Materials
let no: string
let photo: Buffer
let paper: Buffer
beforeAll(async () => {
  server = await startServer()
  world = await makeWorld(server.url, { now: '2026-11-23T10:00', policy: { straightThrough: [] } })
  materials = openMaterials(world.app)
  const { telling, heard } = ear()
  await fileCase(
    world.app,
    { actor: people.owner },
    { kind: 'suspend', terminals: ['10000001'], reason: 'M02', effectiveFrom: at('2026-11-27T15:00'), submit: true },
    telling,
  )
  no = heard.after!.dossier.case!.case.no
  photo = await sharp({ create: { width: 50, height: 40, channels: 3, background: 'red' } })
    .jpeg()
    .withMetadata({ exif: { IFD0: { Copyright: 'GPS 31.2,121.4' } } })
    .toBuffer()
  const document = await PDFDocument.create()
  document.addPage()
  paper = Buffer.from(await document.save())
}, 120_000)
afterAll(async () => {
  await world.close()
  await server.stop()
})

const add = async (file: Partial<MaterialFile>, asking: Partial<CaseAsking> = {}, caseNo = no): Promise<Told> => {
  const { telling, heard } = ear()
  await materials.add(
    { actor: people.owner, ...asking },
    caseNo,
    { type: 'device_photo', fileName: '门头.jpg', bytes: photo, ...file },
    telling,
  )
  return heard
}
const rows = () =>
  world.sql<{ id: string; sha256: string; media_type: string; size_bytes: number; added_by: string }>(
    'select * from material order by added_at, id',
  )
const files = () => readdirSync(join(world.app.home, 'materials')).toSorted()
const read = (id: string, actor: Actor = people.owner, original = false) =>
  materials.read({ actor, language: 'zh' }, id, original)

test('a photo and a paper: sealed on disk, shown safely, original kept', async () => {
  expect((await add({})).after?.dossier.case?.case.materials).toHaveLength(1)
  expect(
    (await add({ type: 'business_licence', fileName: '../执照.pdf', bytes: paper })).after?.dossier.case?.case
      .materials,
  ).toHaveLength(2)
  const [a, b] = (await rows()).toSorted((x) => (x.media_type === 'image/jpeg' ? -1 : 1))
  expect(a).toMatchObject({
    sha256: createHash('sha256').update(photo).digest('hex'),
    media_type: 'image/jpeg',
    size_bytes: photo.length,
    added_by: 'owner',
  })
  expect(files()).toEqual([a!.id, `${a!.id}.original`, b!.id].toSorted())
  for (const name of files()) {
    const sealed = readFileSync(join(world.app.home, 'materials', name))
    expect(
      sealed.includes('GPS') || sealed.includes('%PDF') || sealed.subarray(0, 3).equals(photo.subarray(0, 3)),
    ).toBe(false)
  }
  const shown = await read(a!.id)
  expect(shown).toMatchObject({ mediaType: 'image/jpeg', fileName: '门头.jpg' })
  expect('bytes' in shown && shown.bytes.includes('GPS')).toBe(false)
  expect(await read(a!.id, people.reviewer, true)).toMatchObject({ bytes: photo })
  expect(await read(b!.id, people.reviewer)).toEqual({
    bytes: paper,
    mediaType: 'application/pdf',
    fileName: '执照.pdf',
  })
})

test('only who sees the case sees its papers; a paper belongs to its own envelope', async () => {
  const [first, second] = await rows()
  const stranger = person('stranger', 'merchant_owner', { kind: 'merchant', id: '102290058129999' })
  const rival = person('rival', 'reviewer', { kind: 'provider', id: 'hairun' })
  for (const actor of [stranger, rival]) {
    expect(await read(first!.id, actor)).toMatchObject({ refused: 'not_found' })
    expect(
      (await add({}, { actor: { ...actor, role: actor === rival ? 'agent' : actor.role } })).refusal?.refused,
    ).toBe('not_found')
  }
  expect(await read(randomUUID())).toMatchObject({ refused: 'not_found' })
  expect(await read('../../etc/passwd')).toMatchObject({ refused: 'not_found' })
  expect((await add({}, { actor: people.reviewer })).refusal?.refused).toBe('role_missing')
  const path = (id: string) => join(world.app.home, 'materials', id)
  const kept = readFileSync(path(first!.id))
  writeFileSync(path(first!.id), readFileSync(path(second!.id)))
  await expect(read(first!.id)).rejects.toThrow()
  writeFileSync(path(first!.id), kept)
})

test('what is refused is journalled and leaves nothing behind', async () => {
  const before = [await rows(), files()]
  const heads = () => world.sql<{ seq: string }>('select seq from journal_head')
  const [head] = await heads()
  expect((await add({ bytes: Buffer.from('MZ this is no photo') })).refusal?.refused).toBe('file_type')
  expect((await add({ bytes: photo.subarray(0, 200) })).refusal?.refused).toBe('file_damaged')
  expect((await add({}, {}, 'TQ-260101-00001-0')).refusal?.refused).toBe('not_found')
  expect((await add({}, { ifVersion: 99 })).refusal?.refused).toBe('version_stale')
  expect((await add({}, { dryRun: true })).refusal).toBeUndefined()
  expect(Number((await heads())[0]!.seq) - Number(head!.seq)).toBe(4)
  expect([await rows(), files()]).toEqual(before)
})

test('the same request twice is one material', async () => {
  const before = [(await rows()).length, files().length]
  const idempotency = { key: 'k', route: 'POST /materials', bodyHash: Buffer.alloc(32, 1) }
  await add({ bytes: paper }, { idempotency })
  await add({ bytes: paper }, { idempotency })
  expect([(await rows()).length, files().length]).toEqual(before.map((n) => n + 1))
})

test('orphans are swept, the rest stays', async () => {
  const kept = files()
  const folder = join(world.app.home, 'materials')
  for (const name of [randomUUID(), `${kept[0]}.1234abcd.part`]) writeFileSync(join(folder, name), 'x')
  // Just written: somebody may be about to commit its row.
  expect(await materials.sweep()).toBe(0)
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), 1, 1)
  expect(await materials.sweep()).toBe(2)
  expect(files()).toEqual(kept)
})

test('a case takes so many papers and no more', async () => {
  await world.sql(`insert into material select gen_random_uuid(), no, provider, mid, type, state, sha256, media_type, size_bytes, name_sealed, added_at, added_by, words
    from material, generate_series(1, 50) limit 47`)
  expect((await add({})).refusal).toMatchObject({ refused: 'too_large' })
  await world.sql(`delete from material where id not in (select id from material order by added_at limit 3)`)
})

test("with the merchant's key everything it sealed is gone", async () => {
  const [first] = await rows()
  await world.sql('update merchant set wrapped_key = null')
  expect(await read(first!.id)).toMatchObject({ refused: 'material_disposed' })
  expect((await add({})).refusal?.refused).toBe('material_disposed')
})

test.each([
  ['C:\\fakepath\\a.jpg', 'a.jpg'],
  ['../../etc/passwd', 'passwd.jpg'],
  ['x.exe', 'x.jpg'],
  ['a"b\r\nSet-Cookie: x.png', 'abSet-Cookie x.jpg'],
  ['\u202egpj.exe', 'gpj.jpg'],
  ['...', 'material.jpg'],
  ['', 'material.jpg'],
  ['门'.repeat(500), `${'门'.repeat(120)}.jpg`],
])('%j is saved as %j', (name, expected) => {
  expect(safeName(name, 'image/jpeg')).toBe(expected)
})
