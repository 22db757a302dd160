// Suites named *.shared.test.ts read the reference files of ../shared/data. Where that folder is absent they are left
// out, aloud; TINGQI_SUITES=shared runs them alone and then insists on the folder. TINGQI_TORTURE=1 gives tests hours.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'

const sharedSuites = '**/*.shared.test.ts'
const sharedFolder = resolve(import.meta.dirname, process.env.TINGQI_SHARED ?? '../shared/data')
const onlyShared = process.env.TINGQI_SUITES === 'shared'
const isTorture = process.env.TINGQI_TORTURE === '1'
const hasShared = existsSync(sharedFolder)

if (!hasShared && onlyShared)
  throw new Error(`The suites ${sharedSuites} need the reference files in ${sharedFolder}, which is not there.`)
if (!hasShared) console.log(`Leaving out the suites ${sharedSuites}: there is no ${sharedFolder}.\n`)

export default defineConfig({
  test: {
    include: [onlyShared ? sharedSuites : '**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'data/**', ...(hasShared ? [] : [sharedSuites])],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: isTorture ? 6 * 60 * 60_000 : 30_000,
    hookTimeout: 60_000,
  },
})
