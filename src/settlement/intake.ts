// One file in: recognised by content, unwrapped, checked to the last row, written as one Parquet file – or refused with
// every fault at its line, and nothing of it left on the disk.
import { inThread } from './call.ts'
import type { Intake } from './types.ts'

export const intake: Intake = async ({ source, name, kind, folder, mapping, mids, progress, signal }) =>
  inThread({ kind: 'take', folder, source, progress, signal }, (scratch) => ({
    kind: 'take',
    options: { source: typeof source === 'function' ? null : source, name, kind, mapping, mids, folder, scratch },
  }))
