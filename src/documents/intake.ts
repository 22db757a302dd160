// What may come in as a material: PDF, JPEG or PNG, by content and not by name. A picture is decoded and encoded anew,
// which leaves its pixels and nothing else: no place it was taken, no second file behind it, nothing aimed at the
// reader's viewer. A PDF is taken as it is where it does nothing but show pages. Pictures are decoded by libvips on
// threads of its own.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { fileTypeFromBuffer } from 'file-type'
import sharp from 'sharp'
import { refuse, type Refusal } from '../domain/refusals.ts'
import { material_bytes_max, material_pixels_max } from '../limits.ts'

export type MediaType = 'application/pdf' | 'image/jpeg' | 'image/png'
/** `bytes` is what may be shown: the PDF as it came, the picture encoded anew. */
export type TakenIn = { mediaType: MediaType; bytes: Buffer }

/** Files judged at once; a picture of 40 megapixels takes 160 MB while it is decoded. */
const at_once_max = 2
const decode_seconds_max = 20
const pdf_ms_max = 10_000
const pdf_heap_mb = 512
const jpeg_quality = 90

/** Checks a file and makes it safe to show. */
export async function takeIn(bytes: Uint8Array): Promise<TakenIn | Refusal> {
  if (bytes.length > material_bytes_max)
    return refuse('too_large', { max: `${Math.floor(material_bytes_max / 1_048_576)} MB` })
  const type = await fileTypeFromBuffer(bytes).catch(() => undefined)
  switch (type?.mime) {
    case 'application/pdf':
      return inTurn(() => takePdf(bytes))
    case 'image/jpeg':
    case 'image/png':
      return inTurn(() => takePicture(bytes, type.mime as 'image/jpeg' | 'image/png'))
    default:
      return refuse('file_type')
  }
}

// ── Pictures ────────────────────────────────────────────────────────────────────────────────────────────────────────
// What was decoded is somebody's paper: none of it stays in libvips' memory after the answer.
sharp.cache(false)

async function takePicture(bytes: Uint8Array, mediaType: 'image/jpeg' | 'image/png'): Promise<TakenIn | Refusal> {
  try {
    // Of the header first: a few bytes can claim a picture that fills the memory.
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata()
    if (width * height > material_pixels_max)
      return refuse('image_too_large', { max: Math.floor(material_pixels_max / 1_000_000) })
    // Turned as the camera held it, because the mark that says so is left behind.
    const picture = sharp(bytes, { limitInputPixels: material_pixels_max, failOn: 'error', sequentialRead: true })
      .autoOrient()
      .timeout({ seconds: decode_seconds_max })
    const anew = mediaType === 'image/jpeg' ? picture.jpeg({ quality: jpeg_quality }) : picture.png()
    return { mediaType, bytes: await anew.toBuffer() }
  } catch {
    // libvips tells what is wrong with a file in words only; there is nothing in it a person could put right.
    return refuse('file_damaged')
  }
}

// ── PDF ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
async function takePdf(bytes: Uint8Array): Promise<TakenIn | Refusal> {
  const verdict = await judged(bytes)
  return verdict === 'fine' ? { mediaType: 'application/pdf', bytes: Buffer.from(bytes) } : refuse(verdict)
}

type Verdict = 'fine' | 'file_unsafe' | 'file_damaged'

/** In a thread of its own, which has an end where a hostile file would have none. */
async function judged(bytes: Uint8Array): Promise<Verdict> {
  const thread = new Worker(new URL('./intake-thread.ts', import.meta.url), {
    workerData: bytes,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: pdf_heap_mb },
  })
  try {
    const [verdict] = await once(thread, 'message', { signal: AbortSignal.timeout(pdf_ms_max) })
    return verdict as Verdict
  } catch {
    return 'file_damaged'
  } finally {
    await thread.terminate()
  }
}

// ── One after another ───────────────────────────────────────────────────────────────────────────────────────────────
let busy = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (busy >= at_once_max) await new Promise<void>((resolve) => waiting.push(resolve))
  else busy += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else busy -= 1
  }
}
