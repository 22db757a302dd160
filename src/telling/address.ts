// Which addresses a receiver may have. The table holds what IANA keeps for special purposes, and metadata services that stand
// elsewhere; of IPv6 only what is given out to the world is allowed. A name is looked up when the socket connects, and the
// socket connects to the very address that was judged: a name that changes its mind in between (DNS rebinding) gains nothing.
import { lookup } from 'node:dns/promises'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import type { Words } from '../domain/vocabulary.ts'

/** IPv4 that is not the open Internet (RFC 6890 and its successors), and Azure's wire server. */
const closed_v4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24',
  '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '168.63.129.16/32',
]
/** Global unicast, and what of it is for documentation, for protocols, or carries an IPv4 address inside. */
const open_v6 = ['2000::/3']
const closed_v6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const listOf = (family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [net, bits] = subnet.split('/')
    list.addSubnet(net!, Number(bits), family)
  }
  return list
}
const v4 = listOf('ipv4', closed_v4)
const [open6, closed6] = [listOf('ipv6', open_v6), listOf('ipv6', closed_v6)]
const loopback = listOf('ipv4', ['127.0.0.0/8'])

/** What is allowed beyond the open Internet; by default nothing is. */
export type Allowance = {
  /** Receivers on this machine, for tests and demonstrations. */
  loopback?: boolean | undefined
  /** Without TLS. */
  http?: boolean | undefined
}

/** Whether a socket may be opened to an address (textual IPv4 or IPv6). */
export function isOpenAddress(address: string, allowed: Allowance = {}): boolean {
  if (allowed.loopback && (address === '::1' || (isIP(address) === 4 && loopback.check(address, 'ipv4')))) return true
  switch (isIP(address)) {
    case 4: return !v4.check(address, 'ipv4')
    // An IPv4 address written as IPv6 lies outside what is open.
    case 6: return open6.check(address, 'ipv6') && !closed6.check(address, 'ipv6')
    default: return false
  }
}

export type Resolve = (host: string) => Promise<readonly string[]>
export const resolveName: Resolve = async (host) => (await lookup(host, { all: true })).map((a) => a.address)

export class AddressForbidden extends Error {
  readonly code = 'ADDRESS_FORBIDDEN'
}

/** For the socket: looks the name up and hands over what was judged. One address that may not be refuses them all. */
export const judgedLookup = (resolve: Resolve, allowed: Allowance): LookupFunction => (host, options, done) => {
  resolve(host).then((addresses) => {
    if (addresses.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' })
    const forbidden = addresses.find((a) => !isOpenAddress(a, allowed))
    if (forbidden !== undefined) throw new AddressForbidden(`${host} leads to ${forbidden}`)
    const found = addresses.map((address) => ({ address, family: isIP(address) }))
    if (options.all) done(null, found)
    else done(null, found[0]!.address, found[0]!.family)
  }).catch((error: NodeJS.ErrnoException) => done(error, ''))
}

const well_known_ports_end = 1_024
const url_length_max = 2_000

/** What is wrong with an address before anybody connects to it; undefined where nothing is. */
export function urlFault(text: string, allowed: Allowance): Words | undefined {
  if (text.length > url_length_max) return ['太长', 'it is too long']
  if (!URL.canParse(text)) return ['不是网址', 'it is no URL']
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(allowed.http && url.protocol === 'http:')) return ['须为 https', 'it must be https']
  if (url.username !== '' || url.password !== '') return ['不能带用户名和密码', 'it must not carry a user name or password']
  if (url.hash !== '') return ['不能带 # 片段', 'it must not carry a fragment']
  const port = Number(url.port)
  if (url.port !== '' && port < well_known_ports_end && !(allowed.http && port === 80)) return ['端口须为 443 或 1024 以上', 'the port must be 443, or 1024 and above']
  const host = hostOf(url)
  if (isIP(host) !== 0 && !isOpenAddress(host, allowed)) return ['指向内部网络', 'it leads into a private network']
  return undefined
}

/** IPv6 addresses stand in brackets in a URL and without them everywhere else. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1')
