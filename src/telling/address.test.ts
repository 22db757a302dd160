import { describe, expect, test } from 'vitest'
import { isOpenAddress, judgedLookup, urlFault, type Allowance } from './address.ts'

describe('where a socket may lead', () => {
  test.each<[string, string, boolean]>([
    ['the open Internet', '93.184.216.34', true],
    ['the open Internet, IPv6', '2606:2800:220:1:248:1893:25c8:1946', true],
    ['this machine', '127.0.0.1', false],
    ['this machine, elsewhere in its net', '127.8.9.10', false],
    ['this machine, IPv6', '::1', false],
    ['this network', '0.0.0.0', false],
    ['nothing, IPv6', '::', false],
    ['private', '10.1.2.3', false],
    ['private', '172.31.255.255', false],
    ['not private any more', '172.32.0.1', true],
    ['private', '192.168.0.1', false],
    ['carrier-grade NAT, and a metadata service in it', '100.100.100.200', false],
    ['link-local: metadata', '169.254.169.254', false],
    ['metadata, Oracle', '192.0.0.192', false],
    ['metadata, Azure', '168.63.129.16', false],
    ['metadata, AWS over IPv6', 'fd00:ec2::254', false],
    ['link-local, IPv6', 'fe80::1', false],
    ['multicast', '224.0.0.1', false],
    ['multicast, IPv6', 'ff02::1', false],
    ['broadcast', '255.255.255.255', false],
    ['benchmarks', '198.18.0.1', false],
    ['documentation', '203.0.113.7', false],
    ['an IPv4 written as IPv6', '::ffff:127.0.0.1', false],
    ['a public IPv4 written as IPv6', '::ffff:93.184.216.34', false],
    ['IPv4 behind NAT64', '64:ff9b::7f00:1', false],
    ['6to4 with a private address inside', '2002:7f00:1::', false],
    ['Teredo', '2001::1', false],
    ['documentation, IPv6', '2001:db8::1', false],
    ['no address at all', 'localhost', false],
  ])('%s: %s', (_, address, open) => {
    expect(isOpenAddress(address)).toBe(open)
  })

  test('the allowance for tests opens this machine and nothing else', () => {
    const allowed: Allowance = { loopback: true }
    expect(['127.0.0.1', '::1', '10.0.0.1', '169.254.169.254', '::ffff:127.0.0.1'].map((a) => isOpenAddress(a, allowed))).toEqual([true, true, false, false, false])
  })
})

describe('an address as it is given', () => {
  test.each<[string, Allowance, string | undefined]>([
    ['https://pos.example.com/hook', {}, undefined],
    ['https://pos.example.com:8443/hook?a=1', {}, undefined],
    ['http://pos.example.com/hook', {}, 'it must be https'],
    ['http://pos.example.com/hook', { http: true }, undefined],
    ['ftp://pos.example.com/hook', { http: true }, 'it must be https'],
    ['javascript:alert(1)', {}, 'it must be https'],
    ['https://pos.example.com:25/', {}, 'the port must be 443, or 1024 and above'],
    ['https://u:p@pos.example.com/', {}, 'it must not carry a user name or password'],
    ['https://pos.example.com/#x', {}, 'it must not carry a fragment'],
    ['https://127.0.0.1/', {}, 'it leads into a private network'],
    ['https://2130706433/', {}, 'it leads into a private network'],
    ['https://0x7f.1/', {}, 'it leads into a private network'],
    ['https://[::1]/', {}, 'it leads into a private network'],
    ['https://[::ffff:10.0.0.1]/', {}, 'it leads into a private network'],
    ['no address', {}, 'it is no URL'],
    [`https://pos.example.com/${'x'.repeat(2_000)}`, {}, 'it is too long'],
  ])('%s', (url, allowed, fault) => {
    expect(urlFault(url, allowed)?.[1]).toBe(fault)
  })
})

test('of several addresses of one name a single one that may not be refuses them all', async () => {
  const ask = (addresses: string[]): Promise<unknown> => new Promise((resolve, reject) => {
    judgedLookup(async () => addresses, {})('x.example', { all: true }, (error, found) => (error ? reject(error) : resolve(found)))
  })
  expect(await ask(['93.184.216.34', '2606:2800:220:1::1'])).toEqual([{ address: '93.184.216.34', family: 4 }, { address: '2606:2800:220:1::1', family: 6 }])
  await expect(ask(['93.184.216.34', '10.0.0.1'])).rejects.toMatchObject({ code: 'ADDRESS_FORBIDDEN' })
  await expect(ask([])).rejects.toMatchObject({ code: 'ENOTFOUND' })
})
