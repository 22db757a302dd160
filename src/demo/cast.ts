// Everybody who acts in the demo: who they are, in what role, for whom. Stories and sign-ins name them `<party>.<role>`, as
// in 'yunhui.reviewer' or 'apo.owner'. Passwords and keys are thrown anew in every installation.
import { randomInt, randomUUID } from 'node:crypto'
import type { Actor } from '../domain/authority.ts'
import type { Role } from '../domain/vocabulary.ts'
import { createAccount, createKey, createPerson } from '../store/people.ts'
import type { Tx } from '../store/db.ts'
import type { DemoActor } from './credentials.ts'
import type { Estate } from './estate.ts'
import { turns } from './one-transaction.ts'

type Part = {
  cast: string
  name: string
  role: Role
  party: Actor['party']
  /** Has no sign-in of its own: a machine, or somebody of whom only the name appears. */
  only?: 'key' | 'name'
  /** Plays another part already: the same person with one more account. */
  also?: string
}

export type Cast = { actor(cast: string): Actor; parts: readonly Part[] }

const team = (provider: string, people: Partial<Record<Role, string>>): Part[] =>
  (Object.entries(people) as [Role, string][]).map(([role, name]) => ({
    cast: `${provider}.${role}`,
    name,
    role,
    party: { kind: 'provider', id: provider },
  }))

const platform = { kind: 'platform', id: 'platform' } as const
const staff: readonly Part[] = [
  { cast: 'platform.admin', name: '顾远', role: 'platform_admin', party: platform },
  { cast: 'platform.auditor', name: '秦正', role: 'auditor', party: platform },
  ...team('yunhui', {
    agent: '陈小雨',
    reviewer: '王立新',
    approver: '李慧敏',
    finance: '周建平',
    field: '吴强',
    risk: '郑凯',
    operations: '徐浩',
    provider_admin: '孙佳怡',
  }),
  {
    cast: 'yunhui.integrator',
    name: '云汇收单主机',
    role: 'integrator',
    party: { kind: 'provider', id: 'yunhui' },
    only: 'key',
  },
  ...team('chengfutong', {
    agent: '马晓燕',
    reviewer: '朱俊峰',
    approver: '胡静',
    finance: '林志远',
    field: '高军',
    risk: '罗明',
    provider_admin: '梁雪',
  }),
  ...team('hairun', {
    agent: '宋佳',
    reviewer: '唐文博',
    approver: '许丽华',
    finance: '冯涛',
    field: '邓勇',
    risk: '曹敏',
    provider_admin: '彭海',
  }),
  // The agent of the telephone reviews, too: what was filed by one account the other may not approve.
  {
    cast: 'yunhui.agent_reviewing',
    name: '陈小雨',
    role: 'reviewer',
    party: { kind: 'provider', id: 'yunhui' },
    also: 'yunhui.agent',
  },
]
/** Merchants whose people sign in; of the other merchants in the stories only the owner's name appears. */
const signingIn: Readonly<Record<string, string>> = { apo: '周小满', wanghu: '陆婷', jinguan: '唐敏', tongxing: '石磊' }

function parts(estate: Estate): Part[] {
  const merchants = estate.merchants.filter((m) => m.key !== undefined)
  return [
    ...staff,
    ...merchants.flatMap((m): Part[] => {
      const party = { kind: 'merchant', id: m.mid } as const
      const owner: Part = { cast: `${m.key}.owner`, name: m.contact, role: 'merchant_owner', party }
      const assistant = signingIn[m.key!]
      if (assistant === undefined) return [{ ...owner, only: 'name' }]
      const people: Part[] = [owner, { cast: `${m.key}.staff`, name: assistant, role: 'merchant_staff', party }]
      return m.key === 'apo'
        ? [...people, { cast: 'apo.integrator', name: '阿婆小笼收银系统', role: 'integrator', party, only: 'key' }]
        : people
    }),
  ]
}

const syllables =
  'ba be bo da de do fa fe ga go ha he ka ke ko la le lo ma me mo na ne no pa pe po ra re ro sa se so ta te to va ve wa we ya yo za zo'.split(
    ' ',
  )
/** Three words and four digits, like `bako-mefa-roto-4172`: 46 bits, easy to type from paper, and guesses are counted. */
function readablePassword(): string {
  const word = (): string => syllables[randomInt(syllables.length)]! + syllables[randomInt(syllables.length)]!
  return `${word()}-${word()}-${word()}-${String(randomInt(10_000)).padStart(4, '0')}`
}

/** Makes the persons, so that they can be named; their accounts, sign-ins and keys follow with `signUp`. */
export async function hire(tx: Tx, estate: Estate): Promise<Cast> {
  const actors = new Map<string, Actor>()
  const all = parts(estate)
  for (const part of all) {
    const person = part.also === undefined ? await createPerson(tx, { name: part.name }) : actors.get(part.also)!.person
    actors.set(part.cast, {
      person,
      account: randomUUID(),
      name: part.name,
      role: part.role,
      party: part.party,
      via: 'session',
    })
  }
  const actor = (cast: string): Actor => {
    const found = actors.get(cast)
    if (!found) throw new Error(`nobody plays ${cast}`)
    return found
  }
  return { actor, parts: all }
}

/** Accounts, sign-ins and keys of the cast. Hashing passwords takes other threads' time, so all begin at once. */
export async function signUp(
  tx: Tx,
  { actor, parts }: Cast,
  partyName: (party: Actor['party']) => string,
  now: number,
): Promise<DemoActor[]> {
  const turn = turns()
  // One connection: statements for people who are signed up side by side take turns on it.
  const shared: Tx = {
    ...tx,
    many: (...asked) => turn(() => tx.many(...asked)),
    one: (...asked) => turn(() => tx.one(...asked)),
    run: (...asked) => turn(() => tx.run(...asked)),
  }
  const told = await Promise.all(
    parts.map(async (part): Promise<DemoActor[]> => {
      const { account: id, person, name, role, party } = actor(part.cast)
      const signIn = part.only === undefined ? { login: part.cast, password: readablePassword() } : undefined
      await createAccount(shared, { id, person, name, role, party, ...signIn })
      if (part.only === 'name') return []
      const { key } = await createKey(shared, id, '演示', now)
      return [
        {
          name,
          role,
          party: { ...party, name: partyName(party) },
          login: signIn?.login ?? null,
          password: signIn?.password ?? null,
          apiKey: key,
        },
      ]
    }),
  )
  return told.flat()
}
