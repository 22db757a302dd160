// What would become of it: the strip as it would be, what the rehearsal found, and what each way of going on costs.
import { Lamp } from '../look/Lamp.tsx'
import { findingLook } from '../look/lamps.ts'
import { TimeStrip } from '../look/TimeStrip.tsx'
import type { FileApplicationBody } from '../../../src/client/generated/types.gen.ts'
import { useSay } from '../words.ts'
import type { Asked, Rehearsed, Terminal } from './Apply.tsx'
import { Costs } from './Costs.tsx'

const day_ms = 86_400_000
const before_days = 7
const after_days = 180

export function Meaning({ kind, rehearsed, terminals, body, now }: { kind: Asked; rehearsed: Rehearsed; terminals: readonly Terminal[]; body: FileApplicationBody; now: number }) {
  const say = useSay()
  const iso = (at: number): string => new Date(at).toISOString()
  const from = body.effectiveFrom ?? iso(now)
  const schedule = [
    { from: iso(now - before_days * day_ms), to: from, mode: 'open' as const, hold: null },
    { from, to: iso(Math.max(now, Date.parse(from)) + after_days * day_ms), mode: kind === 'close' ? 'closed' as const : 'shut' as const, hold: null },
  ]
  const marks = [
    ...(rehearsed.checkpointAt === null ? [] : [{ at: rehearsed.checkpointAt, words: say('结清检查', 'settled by') }]),
    ...(body.expectedUntil === undefined ? [] : [{ at: body.expectedUntil, words: say('测试后恢复', 'back after its test') }]),
  ]
  return (
    <>
      <h2 className="plain">{say('将会发生什么', 'What will happen')}</h2>
      {kind === 'close' ? <p className="sentence">{say('批准后停止收款，交回机具、结清账目后注销，终端号不再启用。', 'Once approved it takes no payments; it is closed for good when the device is back and all is settled. Its number is not used again.')}</p> : <TimeStrip schedule={schedule} now={now} marks={marks} />}
      <ul className="plain stack">{rehearsed.findings.map((f) => <li key={f.detail}><Lamp shape={findingLook[f.severity][0]} tone={findingLook[f.severity][1]}>{null}</Lamp> {f.detail}</li>)}</ul>
      <h2 className="plain">{kind === 'close' ? say('真的要注销吗？', 'Do you really need to?') : say('怎样最划算', 'What it costs')}</h2>
      {terminals.length > 1 ? <p className="sentence soft">{say(`以 ${terminals[0]!.tid} 一台为例。`, `For one of them, ${terminals[0]!.tid}.`)}</p> : null}
      <Costs tid={terminals[0]!.tid} from={from} until={body.expectedUntil} />
    </>
  )
}
