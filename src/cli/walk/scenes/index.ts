// Every scene, in the order of the domain's list of scenarios.
import type { Scene } from '../scene.ts'
import { appeal } from './appeal.ts'
import { closure } from './closure.ts'
import { custody } from './custody.ts'
import { dormant } from './dormant.ts'
import { failedTest } from './failed-test.ts'
import { fault } from './fault.ts'
import { friday } from './friday.ts'
import { maintenance } from './maintenance.ts'
import { monthEndBackup } from './month-end-backup.ts'
import { opening } from './opening.ts'
import { providerStop } from './provider-stop.ts'
import { replacement } from './replacement.ts'
import { bankNotice, reviewDays } from './review-days.ts'
import { springFestival } from './spring-festival.ts'
import { threeRecords } from './three-records.ts'
import { twoHolds } from './two-holds.ts'
import { violation } from './violation.ts'
import { whatInstead } from './what-instead.ts'

export const scenes: readonly Scene[] = [
  friday,
  springFestival,
  reviewDays,
  bankNotice,
  monthEndBackup,
  twoHolds,
  failedTest,
  threeRecords,
  closure,
  whatInstead,
  providerStop,
  dormant,
  fault,
  violation,
  custody,
  maintenance,
  replacement,
  opening,
  appeal,
]
