// Files that are sent, read as they go; and files that are saved: written beside their place and moved there when whole, so
// that half a file never has its name. '-' is the standard output.
import { createWriteStream, openAsBlob } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { wrong } from './refused.ts'
import type { Session } from './session.ts'

export async function fileAt(path: string): Promise<File> {
  try {
    return new File([await openAsBlob(path)], basename(path))
  } catch {
    throw wrong(`打不开文件 ${path}。`, `The file ${path} cannot be opened.`)
  }
}

export async function saveTo(
  session: Session,
  file: string,
  content: AsyncIterable<Uint8Array | string>,
): Promise<void> {
  if (file === '-') {
    for await (const part of content)
      if (!process.stdout.write(part)) await new Promise((resolve) => process.stdout.once('drain', resolve))
    return
  }
  const unfinished = `${file}.part`
  try {
    await pipeline(content, createWriteStream(unfinished))
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true })
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (!['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'EISDIR', 'EROFS', 'ENOSPC'].includes(code)) throw error
    throw wrong(`写不了文件 ${file}（${code}）。`, `The file ${file} cannot be written (${code}).`)
  }
  session.note(`已存为 ${file}。`, `Saved as ${file}.`)
}
