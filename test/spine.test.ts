import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandCase, fileCase, type Filing } from '../src/app/cases.ts'
import { signedOn } from '../src/app/terminals.ts'
import type { CaseCommand } from '../src/domain/application/decide.ts'
import type { Actor } from '../src/domain/authority.ts'
import { testItems, words } from '../src/domain/vocabulary.ts'
import { at, ear, makeWorld, people, startServer, type Told, type World } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => { server = await startServer() }, 120_000)
afterAll(() => server.stop())

const file = async (world: World, actor: Actor, filing: Filing): Promise<Told> => {
  const { telling, heard } = ear()
  await fileCase(world.app, { actor }, filing, telling)
  return heard
}
const command = async (world: World, actor: Actor, no: string, command: CaseCommand): Promise<Told> => {
  const { telling, heard } = ear()
  await commandCase(world.app, { actor }, no, command, telling)
  return heard
}
const all = (passed: boolean) => words(testItems).map((item) => ({ item, passed }))

test('Friday at three, there and back', async () => {
  const world = await makeWorld(server.url, { now: '2026-11-23T10:00', policy: { straightThrough: [] } })
  try {
    const filed = await file(world, people.owner, {
      kind: 'suspend', terminals: ['10000001'], reason: 'M02', effectiveFrom: at('2026-11-27T15:00'), expectedUntil: at('2026-12-24T09:00'), submit: true,
    })
    const c = filed.after!.dossier.case!.case
    expect(c.state).toBe('submitted')
    expect(c.checkpointAt).toBe(at('2026-11-25T09:00'))
    expect((await command(world, people.owner, c.no, { command: 'approve' })).refusal?.refused).toBe('role_missing')
    expect((await command(world, people.reviewer, c.no, { command: 'approve' })).after?.dossier.case?.case.state).toBe('approved')
    await world.moveTo('2026-11-27T14:59:59.999')
    expect(world.ask('sale').decision).toBe('approve')
    await world.moveTo('2026-11-27T15:00:00.000')
    expect(world.ask('sale')).toMatchObject({ decision: 'decline', code: '58' })
    expect(world.ask('reversal').decision).toBe('approve')
    const [row] = await world.sql<{ state: string; host_blocked_at: Date; service: string }>(
      `select a.state, t.host_blocked_at, t.service from application a join application_terminal x using (no) join terminal t using (tid)`,
    )
    expect(row).toMatchObject({ state: 'completed', service: 'suspended' })
    expect(row!.host_blocked_at.getTime()).toBe(at('2026-11-27T15:00'))
    expect(await world.sql('select kind from letter')).toEqual([{ kind: 'stop_confirmation' }])

    await world.moveTo('2026-12-23T10:00')
    const back = await file(world, people.owner, { kind: 'reactivate', terminals: ['10000001'], submit: true })
    const no = back.after!.dossier.case!.case.no
    expect((await command(world, people.reviewer, no, { command: 'approve' })).after?.dossier.case?.case.state).toBe('in_progress')
    await world.moveTo('2026-12-23T11:00')
    expect(world.ask('sale').decision).toBe('decline')
    expect(world.ask('test_sale').decision).toBe('approve')
    const failed = await command(world, people.field, no, { command: 'record-test', items: [...all(true).slice(1), { item: 'software', passed: false, note: 'timeout' }] })
    expect(failed.after?.dossier.case?.case.state).toBe('in_progress')
    await world.moveTo('2026-12-24T11:00')
    expect(world.ask('sale').decision).toBe('decline')
    const passed = await command(world, people.field, no, { command: 'record-test', items: all(true) })
    expect(passed.after?.dossier.case?.case.state).toBe('completed')
    await world.moveTo('2026-12-24T11:00:01')
    expect(world.ask('sale')).toMatchObject({ decision: 'decline', code: '77' })
    await signedOn(world.app, '10000001')
    await world.moveTo('2026-12-24T11:00:02')
    expect(world.ask('sale').decision).toBe('approve')
    expect(await world.sql('select kind from letter order by issued_at')).toHaveLength(2)
  } finally {
    await world.close()
  }
})
