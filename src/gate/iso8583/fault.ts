// What can be wrong with bytes that should be a message. A fault says what, where and in which field – never what stood
// there, for it may be shown, logged and counted. Broken bytes are values, not exceptions: nothing here throws.
export type Words = readonly [zh: string, en: string]

export const faultKinds = {
  frame_too_large: ['报文超过允许的长度', 'the frame is longer than allowed'],
  length_differs: ['报文长度与长度前缀不符', 'the frame is not as long as it says'],
  no_message: ['没有报文', 'there is no message'],
  mti_invalid: ['消息类型不是四位数字', 'the message type is not four digits'],
  bitmap_invalid: ['位图不是十六进制', 'the bitmap is not hexadecimal'],
  cut: ['报文不完整，在此中断', 'the message ends too soon'],
  field_unknown: ['格式中没有这个域', 'the format has no such field'],
  field_missing: ['缺少这个域', 'the field is missing'],
  length_invalid: ['域长度不是数字', 'the length of the field is not a number'],
  length_too_large: ['域长度超过上限', 'the field is longer than its format allows'],
  digit_invalid: ['应为数字', 'a digit was expected'],
  text_invalid: ['文字无法识别', 'the text cannot be read'],
  value_invalid: ['内容不符合域格式', 'the value does not fit the format of the field'],
  trailing: ['最后一个域之后还有多余的字节', 'there are bytes after the last field'],
} as const satisfies Readonly<Record<string, Words>>
export type FaultKind = keyof typeof faultKinds

export type Fault = {
  readonly kind: FaultKind
  /** Of the first byte that is wrong, in the bytes that were given; 0 for a message still to be packed. */
  readonly offset: number
  readonly field?: number
}

export const faultAt = (kind: FaultKind, offset: number, field?: number): Fault =>
  field === undefined ? { kind, offset } : { kind, offset, field }
