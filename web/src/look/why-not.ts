// Why a button is grey: the refusal the server would give, without the particulars only a real attempt would fill in.
import { refusals, type RefusalCode } from '../../../src/domain/refusals.ts'
import { say, type Language } from '../../../src/domain/vocabulary.ts'

export const whyNot = (code: string, language: Language): string =>
  code in refusals ? say(refusals[code as RefusalCode].words, language).replace(/[（(]?\{\w+\}[）)]?/g, '…') : code
