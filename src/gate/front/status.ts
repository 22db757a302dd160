// What a terminal says of itself in a status report (0820, F60.3 = 362): F62 is made of items of three characters, two
// digits that name a part of the device and one for its state. Item 99 is ours: the working state of the terminal as the
// UnionPay terminal rules name them – working, signed off, locked. It is the device's own word that it stopped.
export type DeviceWord = 'operating' | 'signed_off' | 'stopped'

const working_state_item = '99'
const words: Readonly<Record<string, DeviceWord>> = { 1: 'operating', 2: 'signed_off', 3: 'stopped' }

/** `f62` in hexadecimal, as fields of bytes are read. Undefined where it says nothing of its working state. */
export function saidBy(f62: string): DeviceWord | undefined {
  const text = Buffer.from(f62, 'hex').toString('latin1')
  for (let at = 0; at + 3 <= text.length; at += 3)
    if (text.startsWith(working_state_item, at)) return words[text[at + 2]!]
  return undefined
}

/** F62 that says so, in hexadecimal; parts of the device are not spoken of. */
export const statusOf = (word: DeviceWord): string => {
  const state = Object.keys(words).find((one) => words[one] === word)!
  return Buffer.from(working_state_item + state).toString('hex').toUpperCase()
}
