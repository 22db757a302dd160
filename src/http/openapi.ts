// The contract as OpenAPI 3.1, made from the table of routes alone: no server runs, and the same table gives the same bytes.
import { z } from 'zod'
import { refusals, type RefusalCode } from '../domain/refusals.ts'
import { idempotency_key_length_max } from '../limits.ts'
import { sample, type JsonSchema } from './examples.ts'
import { querySchema } from './mount.ts'
import { problemOf } from './problem.ts'
import { refusalsOf, tags, type Route } from './route.ts'
import {
  keyRow,
  importRow,
  importView,
  gateAnswer,
  gateTerminal,
  journalPage,
  newKey,
  personRow,
  policyRow,
  policyView,
  timelineRow,
  trackView,
  verifyView,
} from './shapes.ts'
import { bulkItemView, bulkView, planMemberView, planView, statisticsView } from './bulk.ts'
import { breakRow, breakView, settlementFile, settlementRun } from './settlement.ts'
import { attemptView, gateMinute, gateView } from './gates.ts'
import { dutyView, ticketView } from './view-care.ts'
import { complaintView, contactView, deliveryView, webhookMade, webhookView } from './telling.ts'
import { applicationRow, applicationView, meView, noticeView, returnView, terminalRow, terminalView } from './views.ts'

/** Shapes with a name of their own; a client sees each once. */
const named: Readonly<Record<string, z.ZodType>> = {
  Application: applicationView,
  ApplicationRow: applicationRow,
  Terminal: terminalView,
  TerminalRow: terminalRow,
  Return: returnView,
  Ticket: ticketView,
  Duty: dutyView,
  Me: meView,
  Notice: noticeView,
  TimelineRow: timelineRow,
  Import: importView,
  ImportRow: importRow,
  Track: trackView,
  Verification: verifyView,
  GateAnswer: gateAnswer,
  GateTerminal: gateTerminal,
  Gate: gateView,
  GateMinute: gateMinute,
  Attempt: attemptView,
  JournalPage: journalPage,
  Bulk: bulkView,
  BulkItem: bulkItemView,
  Plan: planView,
  PlanTerminal: planMemberView,
  Statistics: statisticsView,
  Break: breakView,
  BreakRow: breakRow,
  SettlementFile: settlementFile,
  SettlementRun: settlementRun,
  Webhook: webhookView,
  NewWebhook: webhookMade,
  Contact: contactView,
  Delivery: deliveryView,
  Complaint: complaintView,
  Policy: policyView,
  PolicyRow: policyRow,
  Key: keyRow,
  NewKey: newKey,
  Person: personRow,
}

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(refusals) as [RefusalCode, ...RefusalCode[]]),
  detail: z.string(),
  errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })),
  retry: z.boolean(),
  requestId: z.string(),
})

const request_id = '0199ad3c-7a51-7c3e-9b1e-2f6f0a4c1d22'
type Io = 'input' | 'output'
const capital = (id: string): string => id[0]!.toUpperCase() + id.slice(1)
const uri = (id: string): string => `#/components/schemas/${id}`

/** JSON schemas of everything registered, with references between them. */
function schemasOf(all: Readonly<Record<string, z.ZodType>>, io: Io): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(all)) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, { io, uri, unrepresentable: 'any', target: 'draft-2020-12' })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => {
      const { $id: _, $schema: __, id: ___, ...rest } = schema as JsonSchema
      return [id, described(rest)]
    }),
  )
}

/** What zod puts beside a schema for itself is not part of the contract. */
function described(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key === '~standard' ? undefined : value)))
}

const words = ([zh, en]: readonly [string, string]): string => `${zh} · ${en}`

function inputsOf(row: Route): Record<string, z.ZodType> {
  const id = capital(row.id)
  return {
    ...(row.params ? { [`${id}Path`]: row.params } : {}),
    [`${id}Query`]: querySchema(row),
    ...(row.body ? { [`${id}Body`]: row.body } : {}),
    ...(row.upload ? { [`${id}Form`]: row.upload.fields } : {}),
  }
}

function outputsOf(row: Route): Record<string, z.ZodType> {
  const known = new Set(Object.values(named))
  return Object.fromEntries(
    Object.entries(row.replies).flatMap(([status, reply]) =>
      reply instanceof z.ZodType && !known.has(reply)
        ? [[`${capital(row.id)}Reply${status === '200' || status === '201' ? '' : status}`, reply]]
        : [],
    ),
  )
}

type Components = Readonly<Record<string, JsonSchema>>

function parametersOf(row: Route, inputs: Components, components: Components): JsonSchema[] {
  const id = capital(row.id)
  const from = (where: 'path' | 'query', schema: JsonSchema | undefined): JsonSchema[] =>
    Object.entries((schema?.['properties'] ?? {}) as Record<string, JsonSchema>).map(([name, one]) => ({
      name,
      in: where,
      required: where === 'path' || (schema!['required'] ?? []).includes(name),
      ...(one['description'] ? { description: one['description'] } : {}),
      schema: one,
      ...(where === 'path' ? { example: sample(one, components, name) } : {}),
    }))
  const header = (name: string, description: string, schema: JsonSchema): JsonSchema => ({
    name,
    in: 'header',
    required: false,
    description,
    schema,
  })
  return [
    ...from('path', inputs[`${id}Path`]),
    ...from('query', inputs[`${id}Query`]),
    ...(row.isCommand
      ? [
          header('Idempotency-Key', '同一请求只生效一次 one effect however often it is sent', {
            type: 'string',
            maxLength: idempotency_key_length_max,
          }),
        ]
      : []),
    ...(row.isCommand && row.versioned
      ? [header('If-Match', '只在版本未变时生效 only over the version its ETag names', { type: 'string' })]
      : []),
  ]
}

function bodyOf(row: Route, inputs: Components, components: Components): JsonSchema | undefined {
  const id = capital(row.id)
  const content: JsonSchema = {}
  if (row.body)
    content['application/json'] = {
      schema: { $ref: uri(`${id}Body`) },
      example: row.example ?? sample(inputs[`${id}Body`]!, components),
    }
  for (const mediaType of row.consumes ?? []) content[mediaType] = { schema: { type: 'string', format: 'binary' } }
  if (row.upload) {
    const form = inputs[`${id}Form`]!
    content['multipart/form-data'] = {
      schema: {
        type: 'object',
        properties: {
          ...form['properties'],
          file: { type: 'string', format: 'binary', description: row.upload.mediaTypes.join(', ') },
        },
        required: [...(form['required'] ?? []), 'file'],
      },
      encoding: { file: { contentType: row.upload.mediaTypes.join(', ') } },
    }
  }
  return Object.keys(content).length === 0 ? undefined : { required: true, content }
}

function responsesOf(row: Route, components: Components): JsonSchema {
  const responses: JsonSchema = {}
  for (const [status, reply] of Object.entries(row.replies)) {
    if (reply === undefined) responses[status] = { description: words(row.summary) }
    else if (!(reply instanceof z.ZodType))
      responses[status] = {
        description: words(row.summary),
        content: { [reply.mediaType]: { schema: { type: 'string', format: 'binary' } } },
      }
    else {
      const id =
        Object.entries(named).find(([, schema]) => schema === reply)?.[0] ??
        `${capital(row.id)}Reply${status === '200' || status === '201' ? '' : status}`
      responses[status] = {
        description: words(row.summary),
        ...(row.versioned ? { headers: { ETag: { schema: { type: 'string' }, example: '"v3"' } } } : {}),
        content: { 'application/json': { schema: { $ref: uri(id) }, example: sample(components[id]!, components) } },
      }
    }
  }
  const codes = refusalsOf(row)
  for (const status of [...new Set(codes.map((c) => refusals[c].status))].toSorted()) {
    const those = codes.filter((c) => refusals[c].status === status)
    responses[status] = {
      ...responses[status],
      description: those.map((c) => `\`${c}\` ${words(refusals[c].words)}`).join('\n\n'),
      content: {
        ...responses[status]?.['content'],
        'application/problem+json': {
          schema: { $ref: uri('Problem') },
          examples: Object.fromEntries(those.map((c) => [c, { $ref: `#/components/examples/${c}` }])),
        },
      },
    }
  }
  return responses
}

export function openapiOf(routes: readonly Route[], version: string): JsonSchema {
  const inputs = schemasOf(Object.assign({}, ...routes.map(inputsOf)), 'input')
  const outputs = schemasOf(Object.assign({}, named, { Problem: problem }, ...routes.map(outputsOf)), 'output')
  const bodies = Object.fromEntries(Object.entries(inputs).filter(([id]) => id.endsWith('Body')))
  const components: Components = { ...outputs, ...inputs }
  const paths: JsonSchema = {}
  for (const row of routes) {
    const requestBody = bodyOf(row, inputs, components)
    paths[row.path] = {
      ...paths[row.path],
      [row.method.toLowerCase()]: {
        operationId: row.id,
        tags: [row.tag],
        summary: words(row.summary),
        ...(row.right === 'public' ? { security: [] } : {}),
        'x-tingqi-right': row.right,
        parameters: parametersOf(row, inputs, components),
        ...(requestBody ? { requestBody } : {}),
        responses: responsesOf(row, components),
      },
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tingqi 停启',
      version,
      description:
        "Takes a merchant's POS terminals out of service and back into it, safely. 让商户的 POS 终端安全地停、安全地启。",
    },
    tags: Object.entries(tags).map(([name, both]) => ({ name, description: words(both) })),
    security: [{ key: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: '密钥 a key, for machines' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'tingqi.session_token',
          description: '登录 a session, for people',
        },
      },
      examples: Object.fromEntries(
        (Object.keys(refusals) as RefusalCode[]).map((c) => [
          c,
          { summary: words(refusals[c].words), value: problemOf({ refused: c, with: {} }, 'zh', request_id) },
        ]),
      ),
      schemas: Object.fromEntries(Object.entries({ ...outputs, ...bodies }).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    },
  }
}
