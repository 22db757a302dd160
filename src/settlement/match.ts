// The three records of any number of files held against each other. Which of them are on file for which day decides
// what is missing and what has only not come yet: see coverage.ts.
import { inThread } from './call.ts'
import type { Match } from './types.ts'

export const match: Match = async ({ files, register, contracts, folder, progress, signal }) =>
  inThread({ kind: 'match', folder, progress, signal }, (scratch) => ({
    kind: 'match',
    options: { files, register, contracts, scratch },
  }))
