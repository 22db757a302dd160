// tingqi …: the command line of this process.
import { isColoured, paintFor } from './paint.ts'
import { run } from './run.ts'

// `tingqi terminals | head`: whoever reads no further is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await run(process.argv.slice(2), process.env, {
  write: (text) => {
    process.stdout.write(text)
  },
  note: (text) => {
    process.stderr.write(text)
  },
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  isLive: process.stderr.isTTY === true && process.env['TERM'] !== 'dumb',
  paint: paintFor(isColoured(process.stdout, process.env)),
})
