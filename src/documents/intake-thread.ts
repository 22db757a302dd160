// The thread side of intake.ts: judges one PDF and ends. What a hostile file makes it do is bounded by heap and
// deadline.
import { parentPort, workerData } from 'node:worker_threads'
import { judgePdf } from './intake-pdf.ts'

// The library tells the console what it mends; a stranger's file says nothing in our log.
for (const name of ['log', 'warn', 'error', 'info'] as const) console[name] = () => {}

parentPort!.postMessage((await judgePdf(workerData as Uint8Array)) ?? 'fine')
