// Every scene, in the order of the domain's list of scenarios.
import type { Scene } from '../scene.ts'
import { closure } from './closure.ts'
import { dormant } from './dormant.ts'
import { failedTest } from './failed-test.ts'
import { friday } from './friday.ts'
import { monthEndBackup } from './month-end-backup.ts'
import { providerStop } from './provider-stop.ts'
import { bankNotice, reviewDays } from './review-days.ts'
import { springFestival } from './spring-festival.ts'
import { threeRecords } from './three-records.ts'
import { twoHolds } from './two-holds.ts'
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
]
