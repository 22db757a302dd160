// Public progress of a case: with its number and the last four digits of the merchant's telephone, one sentence and a date.
// A wrong number and wrong digits are told apart by nobody, and take the same road through the program.
import { timingSafeEqual } from 'node:crypto'
import { missingMaterials } from '../domain/application/findings.ts'
import { systemActor } from '../domain/authority.ts'
import { countWorkdays, dateOf } from '../domain/calendar.ts'
import { caseSentence } from '../domain/sentence-case.ts'
import { say, type ApplicationKind, type ApplicationState, type Language } from '../domain/vocabulary.ts'
import { readCase } from '../store/reads.ts'
import { providerWords, type App } from './app.ts'
import { settingOf } from './settle.ts'

export type Tracked = {
  no: string
  kind: ApplicationKind
  state: ApplicationState
  provider: { name: string; hotline: string }
  submittedAt: number | undefined
  deadline: { at: number; workingDays: number; overdue: boolean } | undefined
  sentence: string
}

const digits_compared = 4

export async function track(app: App, no: string, phoneLast4: string, language: Language): Promise<Tracked | undefined> {
  const found = await app.db.transaction('*', (tx) => readCase(tx, no), { readOnly: true })
  const merchant = found?.dossier.merchant
  const phone = merchant && found.beside.contact?.phone
    ? app.vault.openKey(merchant.wrappedKey, merchant.mid)?.open(found.beside.contact.phone, `merchant.phone:${merchant.mid}`).toString() : undefined
  const wanted = Buffer.from((phone ?? '').slice(-digits_compared).padStart(digits_compared, '-'))
  const given = Buffer.from(phoneLast4.padStart(digits_compared, '+'))
  if (wanted.length !== given.length || !timingSafeEqual(wanted, given) || found === undefined) return undefined
  const c = found.dossier.case.case
  if (c.state === 'draft') return undefined
  const now = app.clock.now()
  const provider = app.provider(c.provider)
  const setting = settingOf(app, found.dossier, systemActor, now)
  const counted = c.deadline ? countWorkdays(app.calendar(), dateOf(now, app.zone), dateOf(c.deadline.at, app.zone)) : undefined
  const left = typeof counted === 'number' ? counted : undefined
  return {
    no: c.no, kind: c.kind, state: c.state, provider: { name: say(providerWords(provider), language), hotline: provider.hotline },
    submittedAt: c.submittedAt,
    deadline: c.deadline && left !== undefined && c.decidedAt === undefined && c.endedAt === undefined
      ? { at: c.deadline.at, workingDays: left, overdue: now > c.deadline.at } : undefined,
    sentence: caseSentence({
      case: c, terminals: setting.terminals, provider: { name: providerWords(provider), hotline: provider.hotline }, missing: missingMaterials(c, setting),
      workingDaysLeft: left, letters: found.dossier.letters,
    }, { now, zone: app.zone, language, audience: 'merchant' }),
  }
}
