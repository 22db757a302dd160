// Hands out the screens that were built into web/dist: one page for every address of an entry, and files that never change under
// their names.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import files from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { languageOf } from '../language.ts'
import { html, page, speak } from './html.ts'

const folder = fileURLToPath(new URL('../../../web/dist', import.meta.url))
const year_ms = 365 * 86_400_000
/** Addresses each entry answers itself; `*` is whatever stands below. */
const addresses = {
  'terminal.html': ['/terminal', '/terminal/*'],
  'index.html': ['/home', '/portal', '/apply', '/cases', '/cases/*', '/terminals', '/terminals/*', '/notices', '/desk', '/desk/*', '/fleet', '/fleet/*', '/imports', '/imports/*', '/settlement', '/settlement/*', '/money', '/money/*', '/returns', '/returns/*', '/instead', '/gates', '/attempts', '/letters', '/plans', '/plans/*', '/admin', '/admin/*'],
} as const

const policy = `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

export async function mountScreens(server: FastifyInstance): Promise<void> {
  if (existsSync(join(folder, 'assets')))
    await server.register(files, { root: join(folder, 'assets'), prefix: '/assets/', immutable: true, maxAge: year_ms, preCompressed: true, index: false })
  for (const [entry, places] of Object.entries(addresses)) {
    const built = existsSync(join(folder, entry)) ? readFileSync(join(folder, entry), 'utf8') : undefined
    for (const address of places) server.get(address, (request, reply) => show(built, request, reply))
  }
}

function show(built: string | undefined, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.headers({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'referrer-policy': 'same-origin' })
  if (built === undefined) {
    const language = languageOf(request)
    const s = speak(language)
    return reply.code(503).send(page({
      language, path: '/home', title: s('页面还没有构建', 'The screens are not built'),
      content: html`<p>${s('请用 npm start 启动，它会先构建页面。', 'Start with npm start, which builds them first.')}</p>`,
    }))
  }
  return reply.header('content-security-policy', policy).send(built)
}
