// How far the terminals of a plan are, as one bar and its words.
import { planStages, words as wordsIn, type PlanStage } from '../../../src/domain/vocabulary.ts'
import { useSay } from '../words.ts'
import { Far, type Part } from './parts.tsx'

export type Stages = Readonly<Partial<Record<PlanStage, number>>>
export const toneOf: Readonly<Record<PlanStage, Part['tone']>> = {
  waiting: 'rest', refused: 'bad', told: 'told', stopped: 'shut', testing: 'test', failed: 'bad', held: 'bad', open: 'good', spared: 'good',
}
/** From what is done to what somebody must see to. */
const tones: readonly Part['tone'][] = ['good', 'test', 'shut', 'told', 'rest', 'bad']
const order = wordsIn(planStages).toSorted((a, b) => tones.indexOf(toneOf[a]) - tones.indexOf(toneOf[b]))

export function StagesBar({ stages, total }: { stages: Stages; total: number }) {
  const say = useSay()
  return <Far label={say('到哪一步', 'how far')} total={total} parts={order.map((s) => ({ tone: toneOf[s], words: say(planStages[s]), n: stages[s] ?? 0 }))} />
}
