// What ends a command early: one sentence for people, one document for programs. It is thrown here and shown in main.ts,
// nowhere else; no stack is ever shown.
import { say, type Language, type Words } from '../domain/vocabulary.ts'
import { clean } from './width.ts'

export type Field = { pointer: string; detail: string }
export type Fault = {
  code: string
  says: Words
  fields?: readonly Field[]
  /** The problem document as the program sent it, to the byte. */
  raw?: string
}

export class Refused extends Error {
  readonly fault: Fault
  constructor(fault: Fault) {
    super(fault.code)
    this.fault = fault
  }
}

/** A fault of what was typed. */
export const wrong = (zh: string, en: string): Refused => new Refused({ code: 'command_line', says: [zh, en] })

/** The sentence, then each field with what is wrong with it, unless the sentence just said so. */
export function faultLines({ says, fields = [] }: Fault, language: Language): string[] {
  const sentence = say(says, language)
  return [
    clean(sentence),
    ...fields.map(({ pointer, detail }) =>
      detail === sentence ? `  ${clean(pointer)}` : `  ${clean(pointer)}  ${clean(detail)}`,
    ),
  ]
}

/** Problem+json: what the program sent, or the same shape for what it never got to see. */
export const faultJson = ({ code, says, raw }: Fault, language: Language): string =>
  raw ??
  JSON.stringify({
    type: 'about:blank',
    title: say(['命令行', 'Command line'], language),
    code,
    detail: say(says, language),
    errors: [],
    retry: false,
  })
