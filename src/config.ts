// The only reader of the environment and of the command line. What is not set takes a default that is safe to run a demo
// with and nowhere else: outside the demo every secret must be given.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { secret_length_min } from './store/vault.ts'
import type { AdapterSettings } from './telling/adapter.ts'
import type { Allowance } from './telling/address.ts'
import type { MailSettings } from './telling/mail.ts'

export const programRoles = ['http', 'due', 'gate', 'jobs'] as const
export type ProgramRole = (typeof programRoles)[number]

/** A port, and whether somebody asked for it: one that was not asked for gives way where it is taken. */
export type PortWish = { port: number; isAsked: boolean }
export type GateConfig = {
  /** Its name in the register; absent: one that is kept in the data folder. */
  id: string | undefined
  http: PortWish
  iso8583: PortWish
  /** The acquirer's host behind the ISO 8583 front; absent: in the demo the gate is itself the host of a test estate. */
  upstream: { host: string; port: number } | undefined
  /** Whether terminals are managed by ISO 20022 messages (catm) at the gate's HTTP door. */
  nexo?: boolean | undefined
}

export type TellingConfig = {
  smtp?: MailSettings | undefined
  /** SMS and group robots (src/telling/adapter.ts says how it is asked). */
  adapter?: AdapterSettings | undefined
  /** What endpoints of webhooks may be besides the open Internet over TLS. */
  allowed: Allowance
}

export type Config = {
  home: string
  /** Given: use that PostgreSQL; absent: run one of our own in `<home>/postgres`. */
  databaseUrl: string | undefined
  host: string
  port: number
  publicUrl: string
  roles: readonly ProgramRole[]
  isDemo: boolean
  /** Epoch ms at which a manual clock starts; absent: the real clock. */
  manualClockFrom: number | undefined
  secret: string
  connections_max: number
  /** The gate as a process of its own; absent where the program runs without one beside it. */
  gate?: GateConfig | undefined
  /** By what people and machines are told; absent: nothing leaves but webhooks over the open Internet. */
  telling?: TellingConfig | undefined
  /** How much the log says: pino's levels. */
  logLevel?: string | undefined
}

/** What was asked cannot be done as asked; the message is one sentence for the operator. */
export class ConfigRefused extends Error {}

const flags = {
  clock: { type: 'string' }, now: { type: 'string' }, port: { type: 'string' }, host: { type: 'string' }, roles: { type: 'string' },
  'gate-id': { type: 'string' }, 'gate-port': { type: 'string' }, 'iso8583-port': { type: 'string' },
  'no-demo': { type: 'boolean' }, 'public-url': { type: 'string' }, help: { type: 'boolean' },
} as const

export const usage = `npm start [-- options]
  --port=8080            HTTP port (TINGQI_HTTP_PORT); 0 takes a free one
  --host=127.0.0.1       address to listen on
  --public-url=URL       address people reach it by, printed in letters and QR codes
  --roles=http,due,gate,jobs  parts to run (TINGQI_ROLES): calls, what falls due, a gate in a process of its own, letters
                         and backups; --roles=gate runs a gate alone, beside the database DATABASE_URL names
  --gate-id=NAME         name of the gate in the register; else one kept in the data folder
  --gate-port=8081       the gate's HTTP port (TINGQI_GATE_PORT); --iso8583-port=8583 its ISO 8583 port (TINGQI_ISO8583_PORT);
                         defaults give way to free ports where they are taken
  --no-demo              leave an empty database empty; TINGQI_SECRET is then required
  --clock=manual         time stands still until PUT /api/v1/demo/clock moves it (new data only)
  --now=2026-11-23T09:00:00+08:00   where a manual clock starts
Environment: DATABASE_URL, TINGQI_HOME (default ./data), TINGQI_HTTP_PORT, TINGQI_GATE_PORT, TINGQI_ISO8583_PORT,
  TINGQI_ISO8583_UPSTREAM (host:port of the acquirer's host behind the ISO 8583 front), TINGQI_NEXO (1: terminals are managed by ISO 20022 messages), TINGQI_ROLES, TINGQI_SECRET,
  TINGQI_SMTP_URL and TINGQI_MAIL_FROM (mail), TINGQI_ADAPTER_URL and TINGQI_ADAPTER_SECRET (SMS and robots), TINGQI_WEBHOOK_LOOPBACK (1, demo only)`

export function readConfig(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Config | 'help' {
  const { values } = parse(argv)
  if (values.help) return 'help'
  const home = resolve(env['TINGQI_HOME'] ?? 'data')
  const isDemo = values['no-demo'] !== true
  const port = portOf(values.port ?? env['TINGQI_HTTP_PORT'] ?? '8080')
  const host = values.host ?? '127.0.0.1'
  // Of the program that starts a gate beside itself: ports it would like, without insisting.
  const wishes = env['TINGQI_GATE_WISH']?.split(',').map(portOf)
  const roles = rolesOf(values.roles ?? env['TINGQI_ROLES'])
  const databaseUrl = env['DATABASE_URL'] || undefined
  if (isGateAlone({ roles }) && databaseUrl === undefined)
    throw new ConfigRefused('A gate alone needs DATABASE_URL: the database of the program it answers for.')
  return {
    home, host, port, isDemo,
    databaseUrl,
    publicUrl: values['public-url'] ?? `http://${host === '0.0.0.0' ? 'localhost' : host}:${port}`,
    roles,
    manualClockFrom: clockOf(values.clock, values.now),
    secret: secretOf(home, isDemo, env['TINGQI_SECRET']),
    connections_max: 20,
    gate: {
      id: gateIdOf(values['gate-id']),
      http: wishOf(values['gate-port'] ?? env['TINGQI_GATE_PORT'], wishes?.[0] ?? (port === 0 ? 0 : 8081)),
      iso8583: wishOf(values['iso8583-port'] ?? env['TINGQI_ISO8583_PORT'], wishes?.[1] ?? (port === 0 ? 0 : 8583)),
      upstream: addressOf(env['TINGQI_ISO8583_UPSTREAM']),
      nexo: isDemo || env['TINGQI_NEXO'] === '1',
    },
    telling: tellingOf(isDemo, env),
    logLevel: env['TINGQI_LOG'] || undefined,
  }
}

/** Addresses carry passwords: what is wrong with one is said without repeating it. */
function tellingOf(isDemo: boolean, env: Readonly<Record<string, string | undefined>>): TellingConfig {
  const [smtp, from, adapter, secret] = ['TINGQI_SMTP_URL', 'TINGQI_MAIL_FROM', 'TINGQI_ADAPTER_URL', 'TINGQI_ADAPTER_SECRET'].map((name) => env[name] || undefined)
  if (smtp !== undefined && !/^smtps?:$/.test(protocolOf(smtp))) throw new ConfigRefused('TINGQI_SMTP_URL is not an address like smtp://user:password@host:587.')
  if (smtp !== undefined && !/[^\s@<>]+@[^\s@<>]+/.test(from ?? '')) throw new ConfigRefused('TINGQI_SMTP_URL needs TINGQI_MAIL_FROM, the address mail comes from.')
  if (adapter !== undefined && !/^https?:$/.test(protocolOf(adapter))) throw new ConfigRefused('TINGQI_ADAPTER_URL is not an http(s) address.')
  if (adapter !== undefined && !/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(secret ?? ''))
    throw new ConfigRefused('TINGQI_ADAPTER_URL needs TINGQI_ADAPTER_SECRET: whsec_ and at least 24 random bytes in base64.')
  if (env['TINGQI_WEBHOOK_LOOPBACK'] === '1' && !isDemo) throw new ConfigRefused('TINGQI_WEBHOOK_LOOPBACK is for the demo only.')
  return {
    smtp: smtp === undefined ? undefined : { url: smtp, from: from! },
    adapter: adapter === undefined ? undefined : { url: adapter, secret: secret! },
    allowed: { http: isDemo, loopback: env['TINGQI_WEBHOOK_LOOPBACK'] === '1' },
  }
}
const protocolOf = (text: string): string => (URL.canParse(text) ? new URL(text).protocol : '')

function parse(argv: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof flags }>> {
  try {
    return parseArgs({ args: [...argv], options: flags, allowPositionals: false })
  } catch (error) {
    throw new ConfigRefused(`${(error as Error).message}\n\n${usage}`)
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new ConfigRefused(`Not a port: ${text}`)
  return port
}

/** A gate and nothing else. */
export const isGateAlone = ({ roles }: Pick<Config, 'roles'>): boolean => roles.length === 1 && roles[0] === 'gate'

const wishOf = (asked: string | undefined, otherwise: number): PortWish =>
  asked === undefined || asked === '' ? { port: otherwise, isAsked: false } : { port: portOf(asked), isAsked: true }

function gateIdOf(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[0-9A-Za-z][0-9A-Za-z._-]{0,62}$/.test(text))
    throw new ConfigRefused(`Not a name for a gate: ${text}. Letters, digits, dots and hyphens, at most 63.`)
  return text
}

function addressOf(text: string | undefined): { host: string; port: number } | undefined {
  if (text === undefined || text === '') return undefined
  const [, host, port] = /^(.+):(\d+)$/.exec(text) ?? []
  if (host === undefined || port === undefined) throw new ConfigRefused(`Not an address: ${text}. Write it like 10.0.0.5:8583.`)
  return { host, port: portOf(port) }
}

function rolesOf(text: string | undefined): readonly ProgramRole[] {
  if (text === undefined || text === '') return programRoles
  const roles = text.split(',').map((r) => r.trim())
  const unknown = roles.find((r) => !(programRoles as readonly string[]).includes(r))
  if (unknown !== undefined) throw new ConfigRefused(`Unknown role ${unknown}; there are ${programRoles.join(', ')}.`)
  return roles as ProgramRole[]
}

function clockOf(clock: string | undefined, now: string | undefined): number | undefined {
  if (clock === undefined || clock === 'real') {
    if (now !== undefined) throw new ConfigRefused('--now needs --clock=manual.')
    return undefined
  }
  if (clock !== 'manual') throw new ConfigRefused(`Unknown clock ${clock}; there are real and manual.`)
  const at = now === undefined ? Date.now() : Date.parse(now)
  if (Number.isNaN(at)) throw new ConfigRefused(`Not a time: ${now}. Write it like 2026-11-23T09:00:00+08:00.`)
  return at
}

/** Outside the demo the secret is the operator's; the demo makes one of its own and keeps it beside its data. */
function secretOf(home: string, isDemo: boolean, given: string | undefined): string {
  if (given !== undefined && given !== '') {
    if (given.length < secret_length_min) throw new ConfigRefused(`TINGQI_SECRET must have at least ${secret_length_min} characters.`)
    return given
  }
  if (!isDemo) throw new ConfigRefused('Outside the demo TINGQI_SECRET must be set; nothing is started with a default secret.')
  const file = join(home, 'demo-secret')
  if (!existsSync(file)) {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    writeFileSync(file, randomBytes(48).toString('base64url'), { mode: 0o600, flag: 'wx' })
  }
  return readFileSync(file, 'utf8').trim()
}
