// Keys of terminals, none of them kept anywhere: all are derived from the program's secret (HKDF, RFC 5869). The master key
// of a terminal depends on its number, the working keys of a sign-on also on the batch that it opens – and every message
// says its batch in F60.2. So any gate of the program can check what another one handed out, a restart locks nobody out,
// and there is nothing to steal from a disk. The price: signing on twice in one batch hands out the same keys again; they
// change with the next batch.
import { hkdfSync } from 'node:crypto'
import { newWorkingKeys, withParity, wrapKeys, type KeySet } from '../iso8583/keys.ts'
import { blockKey, type BlockKey } from '../iso8583/mac.ts'
import { createRecent } from './recent.ts'

const master_key_bytes = 16
const mac_keys_remembered_max = 20_000

export type TerminalKeys = {
  /** The terminal master key (TMK): 16 bytes. For the test estate's own terminals only. */
  master(tid: string): Buffer
  /** F62 of the answer to a sign-on. */
  wrapped(tid: string, batch: number, set: KeySet): Buffer
  /** The MAC key of a batch, ready for use. */
  mac(tid: string, batch: number): BlockKey
}

export function openTerminalKeys(secret: string): TerminalKeys {
  const derive = (use: string, bytes: number): Buffer => Buffer.from(hkdfSync('sha256', secret, 'tingqi', use, bytes))
  const master = (tid: string): Buffer => withParity(derive(`terminal-master-key ${tid}`, master_key_bytes))
  const working = (tid: string, batch: number, set: KeySet) => {
    const names = ['pin', 'mac', 'track'].values()
    return newWorkingKeys(set, (bytes) => derive(`working-key ${tid} ${batch} ${names.next().value}`, bytes))
  }
  const macs = createRecent<string, BlockKey>(mac_keys_remembered_max)
  return {
    master,
    wrapped: (tid, batch, set) => wrapKeys(master(tid), set, working(tid, batch, set))!,
    mac(tid, batch) {
      const name = tid + batch
      let key = macs.get(name)
      if (key === undefined) {
        key = blockKey(working(tid, batch, 1).mac)!
        macs.set(name, key)
      }
      return key
    },
  }
}
