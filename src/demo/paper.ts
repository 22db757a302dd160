// A paper handed in, drawn: a sheet with lines where words would stand and the red seal of a company. No font is needed, and
// nobody's real document is in the demo.
import sharp from 'sharp'
import { diceOf } from './dice.ts'

/** A sheet of A4 is drawn at this size and kept at half of it: enough to be seen, quick to be checked. */
const width_px = 620
const height_px = 877
const kept_width_px = 310

const sheetOf = (seed: string): string => {
  const dice = diceOf(seed)
  const line = (y: number, width: number): string =>
    `<rect x="70" y="${y}" width="${width}" height="9" rx="4" fill="#b8bcc4"/>`
  const lines = Array.from({ length: 14 }, (_, i) =>
    line(210 + i * 34, i % 5 === 4 ? dice.int(120, 260) : dice.int(380, 480)),
  ).join('')
  const points = Array.from({ length: 10 }, (_, i) => {
    const [radius, angle] = [i % 2 === 0 ? 24 : 10, (i * Math.PI) / 5 - Math.PI / 2]
    return `${440 + radius * Math.cos(angle)},${740 + radius * Math.sin(angle)}`
  }).join(' ')
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width_px}" height="${height_px}"><rect width="100%" height="100%" fill="#fdfdfb"/>
    <rect x="190" y="110" width="240" height="22" rx="6" fill="#3c4048"/>${lines}
    <circle cx="440" cy="740" r="72" fill="none" stroke="#c8202f" stroke-width="6" opacity=".85"/><polygon points="${points}" fill="#c8202f" opacity=".85"/></svg>`
}

const drawn = new Map<string, Promise<Buffer>>()
/** The same paper every time for the same seed, as PNG. */
export function drawPaper(seed: string): Promise<Buffer> {
  const known =
    drawn.get(seed) ??
    sharp(Buffer.from(sheetOf(seed)))
      .resize(kept_width_px)
      .png({ compressionLevel: 9 })
      .toBuffer()
  drawn.set(seed, known)
  return known
}
