// Scenario 5: while a terminal is stopped its transactions are backed up at each month end, and each backup is restored.
import { wall, type Scene } from '../scene.ts'

export const monthEndBackup: Scene = {
  name: 'month-end-backup',
  number: 5,
  title: ['停机期间月末备份', 'Month-end backup'],
  startsAt: '2026-01-19T10:00:00+08:00',
  async play(stage) {
    const { story } = stage
    const owner = stage.cast('apo.owner')
    const { tid } = await stage.freeTerminal(owner)
    story.heading(Date.parse(monthEndBackup.startsAt))
    story.tell(`终端 ${tid} 停机：1 月 20 日至 3 月 10 日。`, `Terminal ${tid} stops from 20 January to 10 March.`)
    const filed = await stage.file(owner, {
      kind: 'suspend',
      terminals: [tid],
      reason: 'M02',
      effectiveFrom: '2026-01-20T09:00:00+08:00',
      expectedUntil: '2026-03-10T09:00:00+08:00',
      words: '大装修。',
    })
    story.claim(['批准', 'approved'], filed.state, 'approved')
    const backups = async (): Promise<[string | undefined, boolean][]> =>
      (await stage.backups(owner, tid))
        .toSorted((a, b) => a.dueAt.localeCompare(b.dueAt))
        .map((b) => [wall(b.dueAt)?.slice(0, 10), b.verifiedAt !== null])
    await stage.moveTo('2026-01-21T09:00')
    story.claim(['第一份备份排在 1 月 31 日', 'the first backup is planned for 31 January'], await backups(), [
      ['2026-01-31', false],
    ])
    await stage.moveTo('2026-02-01T09:00')
    story.claim(
      ['1 月 31 日已备份，并经恢复验证', 'made on 31 January and proven by restoring it'],
      (await backups())[0],
      ['2026-01-31', true],
    )
    await stage.moveTo('2026-03-01T09:00')
    story.claim(['2 月 28 日也已备份并验证', 'so is that of 28 February'], (await backups()).slice(0, 2), [
      ['2026-01-31', true],
      ['2026-02-28', true],
    ])
    await stage.moveTo('2026-03-10T09:00')
    story.claim(
      ['到恢复日为止共两份，没有第三份', 'two in all until the return, no third'],
      (await backups()).length,
      2,
    )
    const facts = (await stage.timeline(owner, tid)).filter((f) => f.fact === 'backed_up')
    story.claim(['时间线上看得到', 'the timeline shows them'], facts.length, 2)
  },
}
