// The table of commands as a commander program, in the language of whoever asks. Options for all commands may stand anywhere.
import { Command as Commander, Option as CommanderOption, type CommanderError } from 'commander'
import { say, type Language, type Words } from '../domain/vocabulary.ts'
import type { Command, Group } from './command.ts'
import { care } from './commands/care.ts'
import { bulk } from './commands/bulk.ts'
import { cases } from './commands/cases.ts'
import { complaints } from './commands/complaints.ts'
import { custody } from './commands/custody.ts'
import { devices } from './commands/devices.ts'
import { gate } from './commands/gate.ts'
import { gates } from './commands/gates.ts'
import { holds } from './commands/holds.ts'
import { imports } from './commands/imports.ts'
import { iso8583 } from './commands/iso8583.ts'
import { journal } from './commands/journal.ts'
import { letters } from './commands/letters.ts'
import { moneyGroup } from './commands/money.ts'
import { disposal } from './commands/disposal.ts'
import { people } from './commands/people.ts'
import { policies } from './commands/policies.ts'
import { pos } from './commands/pos.ts'
import { settle } from './commands/settle.ts'
import { terminals } from './commands/terminals.ts'
import { track } from './commands/track.ts'
import { webhooks } from './commands/webhooks.ts'
import { given, type Given } from './given.ts'
import type { GlobalOptions } from './settings.ts'

export const groups: readonly Group[] = [terminals, cases, bulk, devices, custody, holds, care, imports, settle, moneyGroup, letters, track, gate, gates, pos, iso8583, journal, policies, disposal, people, webhooks, complaints]

/** What stands before a command's own words belongs to its group of two-word commands. */
const groupWords: Readonly<Record<string, Words>> = {
  step: ['办件的事项', 'the steps of a case'],
  bulk: ['批量操作', 'many terminals at once'],
  plan: ['停机计划', 'plans over many terminals'],
  hold: ['机构停用项', "the provider's own stops"],
  fault: ['报修与报失', 'report a fault or a loss'],
  ticket: ['故障与违规单', 'tickets of faults and breaches'],
  care: ['停机看护', 'care while stopped'],
  device: ['退还中的机具', 'a device on its way back'],
  deposit: ['机具押金', 'the deposit on a device'],
  letter: ['一份函件', 'one letter'],
  gate: ['问闸口', 'the gate'],
  gates: ['闸口运维', 'operations of gates'],
  pos: ['像终端一样对闸口说话', 'speak to the gate as a terminal does'],
  iso8583: ['ISO 8583 报文', 'ISO 8583 messages'],
  clock: ['程序的时钟', "the program's clock"],
  journal: ['日志', 'the journal'],
  settle: ['三单核对', 'three records matched'],
  money: ['费用与合同', 'money'],
  keys: ['我的密钥', 'my keys'],
  policies: ['规则', 'rules'],
  'legal-hold': ['法定保全', 'what an authority wants kept'],
  disposal: ['数据销毁', 'disposal of data'],
  webhooks: ['接收地址', 'endpoints of my machines'],
  deliveries: ['发送记录', 'what was sent'],
  contacts: ['通知联系人', 'who is told'],
  complaints: ['投诉与建议', 'complaints and feedback'],
}
const secondWords = (first: string): string[] =>
  groups
    .flatMap((g) => g.commands)
    .map((c) => c.usage.split(' '))
    .filter(([one, two = '']) => one === first && /^\w/.test(two))
    .map(([, two]) => two!)

/** Commander's own words. */
const titles: Readonly<Record<string, Words>> = {
  'Usage:': ['用法：', 'Usage:'],
  'Options:': ['选项：', 'Options:'],
  'Global Options:': ['通用选项：', 'Global Options:'],
  'Arguments:': ['参数：', 'Arguments:'],
  'Commands:': ['命令：', 'Commands:'],
}
const faults: Readonly<Record<string, (name: string) => Words>> = {
  'commander.missingArgument': (name) => [`缺少 <${name}>。`, `<${name}> is missing.`],
  'commander.optionMissingArgument': (name) => [`选项 ${name} 后面要有内容。`, `The option ${name} needs a value.`],
  'commander.missingMandatoryOptionValue': (name) => [`缺少选项 ${name}。`, `The option ${name} is needed.`],
  'commander.unknownOption': (name) => [`没有选项 ${name}。`, `There is no option ${name}.`],
  'commander.unknownCommand': (name) => [`没有命令 ${name}。`, `There is no command ${name}.`],
  'commander.excessArguments': () => ['参数太多。', 'Too many arguments.'],
}

/** What commander says is wrong with the line, in plain words. */
export function faultOf({ code, message }: CommanderError): Words {
  const name = /'([^']*)'/.exec(message)?.[1] ?? ''
  const plain = message.replace(/^error: /, '')
  return faults[code]?.(name) ?? [plain, plain]
}

export type Chosen = { command: Command; given: Given; options: GlobalOptions }
type Streams = { write(text: string): void; note(text: string): void; columns: number | undefined }

/** A program that, given a line, calls `chosen` with the command on it. It never ends the process: it throws. */
export function programOf(language: Language, streams: Streams, chosen: (chosen: Chosen) => Promise<void>): Commander {
  const words = (pair: Words): string => say(pair, language)
  const dress = (commander: Commander): Commander =>
    commander
      .exitOverride()
      .helpCommand(false)
      .helpOption('-h, --help', words(['怎么用', 'how it is used']))
      .configureHelp({
        styleTitle: (title) => (titles[title] ? words(titles[title]) : title),
        showGlobalOptions: commander.parent !== null,
      })
      .configureOutput({
        writeOut: streams.write,
        writeErr: () => {},
        outputError: () => {},
        getOutHelpWidth: () => streams.columns ?? 120,
      })
  const program = dress(new Commander('tingqi'))
    .description(
      words([
        '停启：让商户的 POS 终端安全地停、安全地启',
        "Takes a merchant's POS terminals out of service and back into it, safely",
      ]),
    )
    .option(
      '--url <url>',
      words([
        '程序的地址（TINGQI_URL，默认 http://127.0.0.1:8080）',
        'where the program is (TINGQI_URL, else http://127.0.0.1:8080)',
      ]),
    )
    .option('--key <key>', words(['密钥（TINGQI_KEY）', 'key (TINGQI_KEY)']))
    .option(
      '--as <who>',
      words([
        '以演示角色的身份：角色或登录名，取自 TINGQI_HOME（默认 ./data）',
        'as somebody of the demo: a role or a login, from TINGQI_HOME (else ./data)',
      ]),
    )
    .option('--lang <language>', words(['语言：zh（默认）或 en', 'language: zh (unless told) or en']))
    .option('--json', words(['给程序用：原样输出接口的 JSON', "for programs: the API's JSON as it came"]))
    .option('--dry-run', words(['只预演，不改变任何事', 'say what would happen, change nothing']))
  for (const { says, commands } of groups) {
    program.commandsGroup(`${words(says)}${language === 'zh' ? '：' : ':'}`)
    for (const command of commands) add(program, command, { words, dress, chosen, heading: words(says) })
  }
  return program
}

type Adding = {
  words(pair: Words): string
  dress(commander: Commander): Commander
  chosen(chosen: Chosen): Promise<void>
  heading: string
}

function add(program: Commander, command: Command, { words, dress, chosen }: Adding): void {
  const [first = '', second = '', ...rest] = command.usage.split(' ')
  const isGrouped = /^\w/.test(second)
  const [name, places] = isGrouped ? [second, rest] : [first, second === '' ? [] : [second, ...rest]]
  const own = (isGrouped ? groupOf(program, first, dress, words) : program)
    .command([name, ...places].join(' '))
    .description(words(command.says))
  dress(own)
  for (const { flags, says, isRequired, isMany } of command.options ?? []) {
    const option = new CommanderOption(flags, words(says)).makeOptionMandatory(isRequired === true)
    own.addOption(isMany ? option.argParser<string[]>((value, all) => [...(all ?? []), value]) : option)
  }
  own.action(async (...all: unknown[]) => {
    const args = all.slice(0, -2)
    await chosen({ command, given: given(args, own.opts()), options: own.optsWithGlobals() })
  })
}

function groupOf(program: Commander, name: string, dress: Adding['dress'], words: Adding['words']): Commander {
  const found = program.commands.find((one) => one.name() === name)
  const names = secondWords(name).join(words(['、', ', ']))
  return (
    found ??
    dress(program.command(name).description(`${words(groupWords[name] ?? [name, name])}${words(['：', ': '])}${names}`))
  )
}

/** The language is needed before the line is read, for the words of help and of what is wrong with the line. */
export function languageIn(argv: readonly string[]): Language {
  const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='))
  const named = argv[at]?.includes('=') ? argv[at].slice('--lang='.length) : argv[at + 1]
  return at !== -1 && named === 'en' ? 'en' : 'zh'
}
