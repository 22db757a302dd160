// Which characters the letter's fonts can draw. A name may hold a character no font of ours knows; a letter must
// neither fail over it nor print an empty box, so such a character is written as its code point, e.g. [U+2B81A].
// Read from the fonts' own `cmap` tables (OpenType, subtable format 12: groups of code points that have glyphs).

type Covers = (codePoint: number) => boolean
type Group = { from: number; to: number }

const tableOffset = (font: Buffer, tag: string): number => {
  const tables = font.readUInt16BE(4)
  for (let i = 0; i < tables; i++) {
    const record = 12 + 16 * i
    if (font.toString('latin1', record, record + 4) === tag) return font.readUInt32BE(record + 8)
  }
  throw new Error(`font has no ${tag} table`)
}

const groupsOf = (font: Buffer): Group[] => {
  const cmap = tableOffset(font, 'cmap')
  const subtables = font.readUInt16BE(cmap + 2)
  for (let i = 0; i < subtables; i++) {
    const subtable = cmap + font.readUInt32BE(cmap + 4 + 8 * i + 4)
    if (font.readUInt16BE(subtable) !== 12) continue
    return Array.from({ length: font.readUInt32BE(subtable + 12) }, (_, g) => ({
      from: font.readUInt32BE(subtable + 16 + 12 * g),
      to: font.readUInt32BE(subtable + 20 + 12 * g),
    }))
  }
  throw new Error('font has no full Unicode cmap')
}

/** Whether any of the fonts has a glyph for a code point; one bit per code point, 136 kB. */
export const coverageOf = (fonts: readonly Buffer[]): Covers => {
  const bits = new Uint8Array(0x110000 / 8)
  for (const { from, to } of fonts.flatMap(groupsOf)) {
    for (let code = from; code <= to; code++) bits[code >> 3]! |= 1 << (code & 7)
  }
  return codePoint => (bits[codePoint >> 3]! & (1 << (codePoint & 7))) !== 0
}

// Control, formatting (bidirectional overrides can make a number read backwards) and unassigned characters are not
// text. Variation selectors and joiners only choose a picture among emoji; without them the same signs are drawn.
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]/gu

/** One line of text as it can be printed: nothing invisible, nothing a font cannot draw. */
export const printable = (text: string, covers: Covers): string => {
  const line = text.toWellFormed().replace(/[\s\u2028\u2029]+/g, ' ').replace(invisible, '').trim()
  let drawn = ''
  for (const character of line) {
    const code = character.codePointAt(0)!
    drawn += covers(code) ? character : `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`
  }
  return drawn
}
