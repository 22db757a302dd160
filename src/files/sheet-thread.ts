// The thread side of sheet.ts: reads one workbook, then hands over its rows batch by batch, each when asked for.
import { parentPort, workerData } from 'node:worker_threads'
import { batch_rows } from './bounds.ts'
import { readWorkbook } from './workbook.ts'

const port = parentPort!
const workbook = await readWorkbook(workerData as Uint8Array)
if ('refused' in workbook) port.postMessage(workbook)
else {
  const { rows } = workbook
  let at = 0
  port.postMessage({ total: rows.length })
  port.on('message', () => {
    port.postMessage({ rows: rows.slice(at, at + batch_rows) })
    at += batch_rows
    if (at >= rows.length) port.close()
  })
}
