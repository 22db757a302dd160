// How much of the promised time is left, in working days; it stands still while the applicant has to answer.
import type { ListApplicationsResponses } from '../../../src/client/generated/types.gen.ts'
import { when } from '../look/when.ts'
import { useSay } from '../words.ts'

export function Deadline({ row: { deadline, endedAt } }: { row: Pick<ListApplicationsResponses[200]['items'][number], 'deadline' | 'endedAt'> }) {
  const say = useSay()
  if (deadline === null || endedAt !== null) return null
  if (deadline.paused) return <span className="soft">{say('已暂停', 'paused')}</span>
  if (deadline.overdue) return <b className="late">{say('已超时', 'overdue')}</b>
  const left = deadline.workingDays
  return <span className={left !== null && left <= 1 ? 'near' : undefined}>{left === null ? when(deadline.at) : left === 0 ? say('今天', 'today') : say(`${left} 个工作日`, `${left} working day(s)`)}</span>
}
