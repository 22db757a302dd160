// In which language somebody is answered: `?lang=`, else the Accept-Language header, else Chinese.
import type { FastifyRequest } from 'fastify'
import type { Language } from '../domain/vocabulary.ts'

/** 'en-GB;q=0.8, zh' → 'zh'. Languages we do not speak are passed over; `*` and silence mean Chinese. */
export function preferred(header: string | undefined): Language {
  let best: { language: Language; weight: number } | undefined
  for (const part of (header ?? '').split(',')) {
    const [range = '', ...options] = part.trim().toLowerCase().split(';')
    const language = /^zh\b/.test(range) ? 'zh' : /^en\b/.test(range) ? 'en' : range.trim() === '*' ? 'zh' : undefined
    const weight = Number(options.map((o) => /^\s*q=([\d.]+)\s*$/.exec(o)?.[1]).find((q) => q !== undefined) ?? 1)
    if (language !== undefined && weight > 0 && (best === undefined || weight > best.weight))
      best = { language, weight }
  }
  return best?.language ?? 'zh'
}

export function languageOf(request: Pick<FastifyRequest, 'query' | 'headers'>): Language {
  const asked = (request.query as { lang?: unknown } | undefined)?.lang
  return asked === 'zh' || asked === 'en' ? asked : preferred(request.headers['accept-language'])
}
