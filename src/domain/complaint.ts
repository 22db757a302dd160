// A complaint, or a wish: somebody writes, somebody answers within so many working days, the one who wrote says whether it
// helped. Late, it is raised; an answer nobody objects to closes it after a while; once it may be taken up again. Pure: the
// words themselves are sealed elsewhere, a decision only needs to know that there are some.
import type { Actor } from './authority.ts'
import { addWorkdays, dateOf, instantOf, type Calendar } from './calendar.ts'
import { when, type Effect } from './effects.ts'
import type { Policy } from './policy.ts'
import { refuse, refuseField, type Refusal } from './refusals.ts'
import { complaintKinds, complaintStates, complaintTopics, type Channel, type ComplaintKind, type ComplaintState, type ComplaintTopic, type Words } from './vocabulary.ts'

export type Complaint = {
  no: string
  provider: string
  mid: string
  tid: string | undefined
  caseNo: string | undefined
  kind: ComplaintKind
  topic: ComplaintTopic
  state: ComplaintState
  channel: Channel
  onBehalf: boolean
  filedAt: number
  filedBy: string
  /** By when it is to be answered. */
  deadlineAt: number
  lateAt: number | undefined
  assignee: string | undefined
  answeredAt: number | undefined
  answeredBy: string | undefined
  /** 1 not at all … 5 fully; only the one who wrote says it. */
  satisfaction: number | undefined
  closedAt: number | undefined
  closedBy: string | undefined
  reopenedAt: number | undefined
  dueAt: number | undefined
}

export type ComplaintCommand =
  | { command: 'assign'; to: string }
  | { command: 'answer'; words: string }
  | { command: 'close'; satisfaction?: number | undefined; words?: string | undefined }
  | { command: 'reopen'; words: string }
  | { command: 'tick' }

export type ComplaintFact =
  | { fact: 'complaint_filed'; complaint: Complaint }
  | { fact: 'complaint_assigned'; to: string; at: number }
  | { fact: 'complaint_answered'; by: string; at: number; closesAt: number }
  | { fact: 'complaint_late'; at: number }
  | { fact: 'complaint_closed'; by: string; at: number; satisfaction: number | undefined }
  | { fact: 'complaint_reopened'; by: string; at: number; deadlineAt: number }

export type ComplaintSetting = { now: number; zone: string; actor: Actor; calendar: Calendar; policy: Pick<Policy, 'complaints'> }

/** Command × state; a missing cell refuses. */
export const complaintMachine: Readonly<Record<ComplaintCommand['command'], readonly ComplaintState[]>> = {
  assign: ['filed', 'assigned'],
  answer: ['filed', 'assigned'],
  close: ['filed', 'assigned', 'answered'],
  reopen: ['answered', 'closed'],
  tick: ['filed', 'assigned', 'answered'],
}
const commandNames: Readonly<Record<ComplaintCommand['command'], Words>> = {
  assign: ['分派', 'assigned'], answer: ['答复', 'answered'], close: ['结案', 'closed'], reopen: ['重新办理', 'reopened'], tick: ['到期处理', 'looked at'],
}

/** A promise counted in working days ends with the day. */
const closeOfBusiness = '18:00'
function workdaysOn(days: number, { now, zone, calendar }: ComplaintSetting): number | Refusal {
  const day = addWorkdays(calendar, dateOf(now, zone), days)
  return typeof day === 'string' ? instantOf(day, closeOfBusiness, zone) : refuse('calendar_unknown', { year: day.unknownYear })
}

type Wanted = Pick<Complaint, 'no' | 'provider' | 'mid' | 'tid' | 'caseNo' | 'kind' | 'topic' | 'channel' | 'onBehalf'>
export function fileComplaint(wanted: Wanted, words: string, setting: ComplaintSetting): ComplaintFact[] | Refusal {
  if (words.trim() === '') return refuseField('/words', 'words_required')
  const deadlineAt = workdaysOn(setting.policy.complaints.answerWorkingDays, setting)
  if (typeof deadlineAt !== 'number') return deadlineAt
  const complaint: Complaint = {
    ...wanted, state: 'filed', filedAt: setting.now, filedBy: setting.actor.person, deadlineAt, lateAt: undefined, assignee: undefined, answeredAt: undefined,
    answeredBy: undefined, satisfaction: undefined, closedAt: undefined, closedBy: undefined, reopenedAt: undefined, dueAt: deadlineAt,
  }
  return [{ fact: 'complaint_filed', complaint }]
}

export function decideComplaint(c: Complaint, command: ComplaintCommand, setting: ComplaintSetting): ComplaintFact[] | Refusal {
  if (!complaintMachine[command.command].includes(c.state))
    return refuse('complaint_not_in_this_state', { state: complaintStates[c.state], command: commandNames[command.command] })
  const { now, actor } = setting
  switch (command.command) {
    case 'assign': return [{ fact: 'complaint_assigned', to: command.to, at: now }]
    case 'answer': {
      if (command.words.trim() === '') return refuseField('/words', 'words_required')
      // Nobody answers what they wrote themselves, for whomever.
      if (actor.person === c.filedBy) return refuse('maker_is_checker')
      const closesAt = workdaysOn(setting.policy.complaints.closeWorkingDays, setting)
      return typeof closesAt === 'number' ? [{ fact: 'complaint_answered', by: actor.person, at: now, closesAt }] : closesAt
    }
    case 'close': return [{ fact: 'complaint_closed', by: actor.person, at: now, satisfaction: command.satisfaction }]
    case 'reopen': {
      if (c.reopenedAt !== undefined) return refuse('complaint_reopened_before')
      if (command.words.trim() === '') return refuseField('/words', 'words_required')
      const deadlineAt = workdaysOn(setting.policy.complaints.answerWorkingDays, setting)
      return typeof deadlineAt === 'number' ? [{ fact: 'complaint_reopened', by: actor.person, at: now, deadlineAt }] : deadlineAt
    }
    case 'tick': {
      if (c.dueAt === undefined || c.dueAt > now) return []
      return c.state === 'answered' ? [{ fact: 'complaint_closed', by: 'system', at: now, satisfaction: undefined }] : [{ fact: 'complaint_late', at: now }]
    }
  }
}

export function evolveComplaint(c: Complaint, fact: ComplaintFact): Complaint {
  switch (fact.fact) {
    case 'complaint_filed': return fact.complaint
    case 'complaint_assigned': return { ...c, state: 'assigned', assignee: fact.to }
    case 'complaint_answered': return { ...c, state: 'answered', answeredAt: fact.at, answeredBy: fact.by, assignee: c.assignee ?? fact.by, dueAt: fact.closesAt }
    case 'complaint_late': return { ...c, lateAt: fact.at, dueAt: undefined }
    case 'complaint_closed': return { ...c, state: 'closed', closedAt: fact.at, closedBy: fact.by, satisfaction: fact.satisfaction, dueAt: undefined }
    case 'complaint_reopened': return {
      ...c, state: c.assignee === undefined ? 'filed' : 'assigned', answeredAt: undefined, answeredBy: undefined, satisfaction: undefined, closedAt: undefined, closedBy: undefined,
      reopenedAt: fact.at, deadlineAt: fact.deadlineAt, lateAt: undefined, dueAt: fact.deadlineAt,
    }
  }
}

type Telling = Extract<Effect, { effect: 'notice' }>
const tell = (kind: Telling['kind'], to: Telling['to'], tid: string | undefined, words: Words): Telling => ({ effect: 'notice', kind, to, words, ...(tid === undefined ? {} : { tid }) })

/** Who is told of a fact; both sides hear of the beginning and the end, and nobody reads in a notice what was written. */
export function complaintNotices(fact: ComplaintFact, c: Complaint, { zone, hotline }: { zone: string; hotline: string }): Telling[] {
  const [kindZh, kindEn] = complaintKinds[c.kind]
  const [topicZh, topicEn] = complaintTopics[c.topic]
  const name: Words = [`${kindZh} ${c.no}（${topicZh}）`, `${kindEn} ${c.no} (about ${topicEn})`]
  const EN = `${name[1].charAt(0).toUpperCase()}${name[1].slice(1)}`
  const by = when(c.deadlineAt, zone)
  switch (fact.fact) {
    case 'complaint_filed': return [
      tell('complaint_filed', 'merchant', c.tid, [`已收到${name[0]}，${by} 前答复。`, `${EN} has been received and will be answered by ${by}.`]),
      tell('complaint_filed', 'provider', c.tid, [`收到${name[0]}，须在 ${by} 前答复。`, `${EN} has come in; it must be answered by ${by}.`]),
    ]
    case 'complaint_assigned': return [tell('complaint_assigned', 'merchant', c.tid, [`${name[0]}已有专人办理。`, `Somebody is looking into your ${name[1]}.`])]
    case 'complaint_answered': return [
      tell('complaint_answered', 'merchant', c.tid, [`${name[0]}已答复，请查看并告诉我们是否满意；如仍有问题可要求重新办理。`, `Your ${name[1]} has been answered. Please read it and say whether it helped; if not, you may have it reopened.`]),
    ]
    case 'complaint_late': return [
      tell('complaint_late', 'provider', c.tid, [`${name[0]}已过答复期限（${by}），请立即处理。`, `${EN} is past its time (${by}); please answer it at once.`]),
      tell('complaint_late', 'merchant', c.tid, [`${name[0]}未能按时答复，抱歉。已上报督办，也可致电 ${hotline}。`, `We are sorry: your ${name[1]} was not answered in time. It has been raised; you may also call ${hotline}.`]),
    ]
    case 'complaint_closed': {
      const said: Words = fact.satisfaction === undefined ? ['未评价', 'no rating'] : [`满意度 ${fact.satisfaction}/5`, `rated ${fact.satisfaction} of 5`]
      return (['merchant', 'provider'] as const).map((to) => tell('complaint_closed', to, c.tid, [`${name[0]}已结案（${said[0]}）。`, `${EN} is closed (${said[1]}).`]))
    }
    case 'complaint_reopened': return [tell('complaint_filed', 'provider', c.tid, [`商户要求重新办理${name[0]}，须在 ${by} 前答复。`, `The merchant had the ${name[1]} reopened; it must be answered by ${by}.`])]
  }
}
