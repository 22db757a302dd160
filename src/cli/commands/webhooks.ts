// Telling people and machines: endpoints of one's own machines, people who want to hear, and what became of everything sent.
import {
  addContact, confirmPrint, createWebhook, disableWebhook, enableWebhook, listContacts, listDeliveries, listWebhooks, redeliver, removeContact, removeWebhook,
  rotateWebhook, testWebhook,
} from '../../client/generated/sdk.gen.ts'
import type { AddContactBody, Contact, CreateWebhookBody, Delivery, Webhook } from '../../client/generated/types.gen.ts'
import { contactChannels, deliveryChannels, deliveryStates, eventKinds, languages } from '../../domain/vocabulary.ts'
import { limit, many, type Command, type Group } from '../command.ts'
import { present, wordFrom, type Given } from '../given.ts'
import { list } from '../pages.ts'
import { wrong } from '../refused.ts'
import type { Session, Told } from '../session.ts'
import { instant, instantOr, wordIn } from '../show.ts'
import type { Column } from '../table.ts'

const states = { active: ['正常', 'active'], failing: ['送达失败中', 'failing'], disabled: ['已停用', 'disabled'] } as const
const webhookColumns = ({ say, language, screen }: Session): Column<Webhook>[] => [
  { title: 'id', cell: (w) => w.id },
  { title: say('状态', 'state'), cell: (w) => wordIn(states, w.state, language), finish: (text, w) => screen.paint(w.state === 'active' ? 'good' : 'bad', text) },
  { title: say('地址', 'address'), cell: (w) => w.url, width_min: 20 },
  { title: say('事件', 'events'), cell: (w) => w.events?.join(' ') ?? say('全部', 'all'), width_min: 8 },
  { title: say('待发', 'waiting'), cell: (w) => String(w.waiting), align: 'right' },
  { title: say('最近送达', 'last success'), cell: (w) => instantOr(w.succeededAt) },
  { title: say('说明', 'says'), cell: (w) => w.disabled?.words ?? '', width_min: 8 },
]
const deliveryColumns = ({ say, language, screen }: Session): Column<Delivery>[] => [
  { title: 'id', cell: (d) => d.id },
  { title: say('时间', 'at'), cell: (d) => instant(d.createdAt) },
  { title: say('通道', 'channel'), cell: (d) => wordIn(deliveryChannels, d.channel, language) },
  { title: say('内容', 'about'), cell: (d) => [d.about.words, d.tid ?? d.application ?? ''].join(' ').trim(), width_min: 12 },
  { title: say('状态', 'state'), cell: (d) => wordIn(deliveryStates, d.state, language), finish: (text, d) => screen.paint(d.state === 'sent' ? 'good' : d.state === 'waiting' ? 'faint' : 'bad', text) },
  { title: say('次数', 'attempts'), cell: (d) => String(d.attempts), align: 'right' },
  { title: say('下次', 'next'), cell: (d) => instantOr(d.nextAt) },
  { title: say('凭据或原因', 'proof or why not'), cell: (d) => proofOf(d), width_min: 12 },
]
const proofOf = ({ proof, failure }: Delivery): string =>
  [failure?.words, ...Object.entries(proof ?? {}).map(([name, value]) => `${name} ${String(value)}`)].filter(Boolean).join(', ')
const contactColumns = ({ say, language }: Session): Column<Contact>[] => [
  { title: 'id', cell: (c) => c.id },
  { title: say('通道', 'channel'), cell: (c) => wordIn(contactChannels, c.channel, language) },
  { title: say('地址', 'address'), cell: (c) => c.address ?? say('已销毁', 'disposed of') },
  { title: say('语言', 'language'), cell: (c) => c.language },
  { title: say('内容', 'about'), cell: (c) => c.about?.join(' ') ?? say('全部', 'everything'), width_min: 8 },
]

type Asked = { client: Session['client']; path: { id: string }; query: Session['rehearsal'] }
const asked = (session: Session, id: string): Asked => ({ client: session.client, path: { id }, query: session.rehearsal })

/** A command on one endpoint, which answers with the endpoint as it is then. */
const onWebhook = (usage: string, says: Command['says'], ask: (session: Session, asked: Asked) => Promise<Told<Webhook & { secret?: string }>>): Command => ({
  usage, says, dryRun: 'rehearsed',
  async run(session, given) {
    const told = await ask(session, asked(session, given.arg(0)))
    session.show(told, (w) => [...session.table(webhookColumns(session), [w]), ...secretLines(session, w.secret)])
    return 0
  },
})
const secretLines = ({ say, screen }: Session, secret: string | undefined): string[] =>
  secret === undefined ? [] : ['', screen.paint('strong', secret), say('签名密钥只显示这一次，请妥善保存。', 'The secret is shown this once; keep it safe.')]

const onDelivery = (usage: string, says: Command['says'], options: Command['options'], ask: (session: Session, asked: Asked, given: Given) => Promise<Told<Delivery>>): Command => ({
  usage, says, dryRun: 'rehearsed', ...(options ? { options } : {}),
  async run(session, given) {
    const told = await ask(session, asked(session, given.arg(0)), given)
    session.show(told, (d) => [...session.table(deliveryColumns(session), [d]), d.sentence])
    return 0
  },
})

const webhookCommands: readonly Command[] = [
  {
    usage: 'webhooks list', dryRun: 'reads', says: ['接收地址', 'endpoints of my party'],
    async run(session) {
      session.show(await session.ask(listWebhooks({ client: session.client })), ({ items }) => items.length === 0 ? [session.say('没有。', 'None.')] : session.table(webhookColumns(session), items))
      return 0
    },
  },
  {
    usage: 'webhooks add <url>', dryRun: 'rehearsed', says: ['新建接收地址，密钥只显示这一次', 'make an endpoint; its secret is shown this once'],
    options: [
      { flags: '--name <name>', says: ['名称', 'a name'] },
      { flags: '--event <event>', says: ['只要这种事件（可重复）', 'only events of this kind (may be repeated)'], isMany: true },
    ],
    async run(session, given) {
      const events = given.list('event').map((text) => wordFrom(text, eventKinds, '--event '))
      const body = present({ url: given.arg(0), name: given.text('name'), events: events.length === 0 ? undefined : events }) as CreateWebhookBody
      session.show(await session.ask(createWebhook({ client: session.client, body, query: session.rehearsal })), (w) => [...session.table(webhookColumns(session), [w]), ...secretLines(session, w.secret)])
      return 0
    },
  },
  onWebhook('webhooks rotate <id>', ['更换密钥，旧的一天内仍有效', 'a new secret; the old one is good for another day'], (session, to) => session.ask(rotateWebhook({ ...to, body: {} }))),
  onWebhook('webhooks disable <id>', ['停用接收地址', 'stop sending to it'], (session, to) => session.ask(disableWebhook({ ...to, body: {} }))),
  onWebhook('webhooks enable <id>', ['启用接收地址', 'send to it again'], (session, to) => session.ask(enableWebhook({ ...to, body: {} }))),
  onWebhook('webhooks remove <id>', ['删除接收地址', 'remove it'], (session, to) => session.ask(removeWebhook(to))),
  onDelivery('webhooks test <id>', ['发送测试', 'send a test'], undefined, (session, to) => session.ask(testWebhook({ ...to, body: {} }))),
]

const deliveryCommands: readonly Command[] = [
  {
    usage: 'deliveries list', dryRun: 'reads', says: ['发送记录与凭据', 'everything sent, with its proof or its failure'],
    options: [
      { flags: '--state <state>', says: ['状态', 'its state'] }, { flags: '--channel <channel>', says: ['通道', 'its channel'] },
      { flags: '--webhook <id>', says: ['某个接收地址的', 'of one endpoint'] }, many, limit,
    ],
    run: (session, given) => list(session, given, (paging) => session.ask(listDeliveries({
      client: session.client,
      query: present({ ...paging, state: given.wordOf('state', deliveryStates), channel: given.wordOf('channel', deliveryChannels), webhook: given.text('webhook') }),
    })), deliveryColumns(session)),
  },
  onDelivery('deliveries redeliver <id>', ['重新发送', 'send it once more, under the same id'], undefined, (session, to) => session.ask(redeliver({ ...to, body: {} }))),
  onDelivery('deliveries posted <id>', ['登记打印件已寄出', 'it was printed and posted'], [{ flags: '--reference <number>', says: ['运单号', 'number of the parcel'], isRequired: true }],
    (session, to, given) => session.ask(confirmPrint({ ...to, body: { reference: given.text('reference') ?? '' } }))),
]

const contactCommands: readonly Command[] = [
  {
    usage: 'contacts list', dryRun: 'reads', says: ['通知联系人', 'who of my party is told'],
    async run(session) {
      session.show(await session.ask(listContacts({ client: session.client })), ({ items, carriers }) => {
        const missing = Object.entries(carriers).filter(([, is]) => !is).map(([channel]) => wordIn(contactChannels, channel as keyof typeof contactChannels, session.language))
        return [
          ...(items.length === 0 ? [session.say('没有联系人。', 'Nobody.')] : session.table(contactColumns(session), items)),
          ...(missing.length === 0 ? [] : [session.say(`未配置：${missing.join('、')}。`, `Not configured: ${missing.join(', ')}.`)]),
        ]
      })
      return 0
    },
  },
  {
    usage: 'contacts add <channel> <address>', dryRun: 'rehearsed', says: ['新增联系人：mail、sms、robot 或 print', 'somebody more is told: mail, sms, robot or print'],
    options: [
      { flags: '--in <language>', says: ['语言：zh（默认）或 en', 'language: zh (unless told) or en'] },
      { flags: '--about <kind>', says: ['只要这种通知，letter 为函件（可重复）', 'only notices of this kind, or letter (may be repeated)'], isMany: true },
    ],
    async run(session, given) {
      const language = given.text('in')
      if (language !== undefined && !(languages as readonly string[]).includes(language)) throw wrong('--in 应为 zh 或 en。', '--in is zh or en.')
      const about = given.list('about')
      const body = present({ channel: given.argOf(0, contactChannels), address: given.arg(1), language, about: about.length === 0 ? undefined : about }) as AddContactBody
      session.show(await session.ask(addContact({ client: session.client, body, query: session.rehearsal })), (c) => session.table(contactColumns(session), [c]))
      return 0
    },
  },
  {
    usage: 'contacts remove <id>', dryRun: 'rehearsed', says: ['删除联系人', 'somebody is told no more'],
    async run(session, given) {
      session.show(await session.ask(removeContact(asked(session, given.arg(0)))), (c) => session.table(contactColumns(session), [c]))
      return 0
    },
  },
]

export const webhooks: Group = { says: ['通知与接口', 'Telling people and machines'], commands: [...webhookCommands, ...deliveryCommands, ...contactCommands] }
