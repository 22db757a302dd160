// What goes back: a reply whose body is already text (so that it can be stored and sent again byte for byte), or a file.
import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import type { Reply } from '../app/execute.ts'

export type FileReply = { file: Uint8Array | AsyncIterable<string | Uint8Array>; mediaType: string; fileName: string }
/** Text that goes on until its reader is gone. */
export type StreamReply = { stream: AsyncIterable<string>; mediaType: string }
export const isFileReply = (value: object): value is FileReply => 'file' in value

/** The entity tag of a version, as If-Match brings it back. */
export const etagOf = (version: number): string => `"v${version}"`

/** An object in its final bytes. Where it has a version, the reply carries its entity tag. */
export const replyOf = (
  status: number,
  object: object,
  { etagVersion, location }: { etagVersion?: number | undefined; location?: string | undefined } = {},
): Reply => ({
  status,
  body: JSON.stringify(object),
  headers: {
    'content-type': 'application/json; charset=utf-8',
    ...(etagVersion === undefined ? {} : { etag: etagOf(etagVersion) }),
    ...(location === undefined ? {} : { location }),
  },
})

export function send(reply: FastifyReply, answer: Reply | FileReply | StreamReply): FastifyReply {
  if ('stream' in answer)
    return reply.code(200).headers({ 'content-type': answer.mediaType, 'x-accel-buffering': 'no' }).send(Readable.from(answer.stream))
  if (isFileReply(answer)) {
    void reply.code(200).headers({
      'content-type': answer.mediaType,
      // Never shown in place: what people hand in is saved, and judged by the program it is opened with.
      'content-disposition': `attachment; filename="${answer.fileName.replace(/[^0-9A-Za-z._-]/g, '_')}"; filename*=UTF-8''${encoded(answer.fileName)}`,
      'content-security-policy': "default-src 'none'; sandbox",
    })
    return answer.file instanceof Uint8Array
      ? reply.send(Buffer.from(answer.file))
      : reply.send(Readable.from(answer.file))
  }
  void reply.code(answer.status).headers(answer.headers)
  return answer.status === 204 ? reply.send() : reply.send(answer.body)
}

/** RFC 8187: what encodeURIComponent leaves alone but a header value may not carry. */
const encoded = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
