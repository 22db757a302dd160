// The thread that sets letters: one warm Typst compiler, two weights of Noto Sans SC and Noto Emoji from their packages
// (asked for by name with no fallback, so fonts of the machine are never used). It takes facts and answers with an
// unsigned PDF/A-2a; the same facts always give the same bytes.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parentPort } from 'node:worker_threads'
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler'
import QRCode from 'qrcode'
import { coverageOf, printable } from './coverage.ts'
import type { LetterFacts } from './letter.ts'
import { letterView } from './letter-view.ts'

export type RenderRequest = { id: number; facts: LetterFacts }
export type RenderReply = { id: number; pdf: Uint8Array<ArrayBuffer> } | { id: number; error: string }

/** Memoised layout unused for this many letters is dropped; what every letter shares stays warm, memory stays flat. */
const cacheAge_letters_max = 4

const resolve = createRequire(import.meta.url).resolve
const fonts = [
  '@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf',
  '@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf',
  '@expo-google-fonts/noto-emoji/400Regular/NotoEmoji_400Regular.ttf',
].map(name => readFileSync(resolve(name)))
const covers = coverageOf(fonts)
const template = fileURLToPath(new URL('./letter.typ', import.meta.url))
const compiler = NodeCompiler.create({ workspace: dirname(template), fontArgs: [{ fontBlobs: fonts }] })

/** The QR code as one SVG path; level M survives a folded or stained page. */
const qrOf = (url: string): string => {
  const { modules } = QRCode.create(url, { errorCorrectionLevel: 'M' })
  let path = ''
  for (let y = 0; y < modules.size; y++) {
    for (let x = 0; x < modules.size; x++) {
      if (!modules.get(y, x)) continue
      const from = x
      while (x + 1 < modules.size && modules.get(y, x + 1)) x++
      path += `M${from} ${y}h${x + 1 - from}v1H${from}z`
    }
  }
  const box = `0 0 ${modules.size} ${modules.size}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}"><path fill="#141a26" d="${path}"/></svg>`
}

const render = (facts: LetterFacts): Uint8Array<ArrayBuffer> => {
  const view = letterView(facts, text => printable(text, covers), qrOf(facts.verifyUrl))
  const compiled = compiler.compile({ mainFilePath: template, inputs: { letter: JSON.stringify(view) } })
  try {
    const page = compiled.result
    if (!page) throw new Error(JSON.stringify(compiler.fetchDiagnostics(compiled.takeDiagnostics()!)))
    const created_s = Math.floor(facts.issuedAt / 1000)
    return new Uint8Array(compiler.pdf(page, { pdfStandard: 'a-2a', creationTimestamp: created_s }))
  } finally {
    compiler.evictCache(cacheAge_letters_max)
  }
}

parentPort?.on('message', ({ id, facts }: RenderRequest) => {
  let reply: RenderReply
  try {
    reply = { id, pdf: render(facts) }
  } catch (error) {
    reply = { id, error: error instanceof Error ? error.message : String(error) }
  }
  parentPort!.postMessage(reply, 'pdf' in reply ? [reply.pdf.buffer] : [])
})
