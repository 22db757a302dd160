// Test results of many terminals as people have them: a list, one terminal a line. A line with nothing but its number passed;
// the names of what failed, and what was wrong, come after it.
import { testItems, words as wordsIn, type TestItem } from '../../../src/domain/vocabulary.ts'
import type { TestPlanData } from '../../../src/client/generated/types.gen.ts'
import { Field } from '../look/controls.tsx'
import { useSay } from '../words.ts'

export type Result = TestPlanData['body']['results'][number]

const separators = /[\s,，、;；]+/
const passed = new Set(['通过', '全部通过', 'passed', 'ok'])
const items = new Map<string, TestItem>(wordsIn(testItems).flatMap((item) => [item, testItems[item][0], testItems[item][1]].map((word) => [word.replaceAll(' ', '').toLowerCase(), item] as const)))

/** What stands in the list, and the lines that say nothing: words after a number without naming what failed. */
export function resultsIn(text: string): { results: Result[]; unread: string[] } {
  const results: Result[] = []
  const unread: string[] = []
  for (const line of text.split(/\r?\n/).map((l) => l.trim()).filter((l) => l !== '')) {
    const [tid, ...rest] = line.replace(/card reader|test sale|software version/gi, (m) => m.replace(' ', '')).split(separators).filter((w) => w !== '')
    const words = rest.filter((w) => !passed.has(w.toLowerCase()))
    const failed = [...new Set(words.flatMap((w) => items.get(w.toLowerCase()) ?? []))]
    const note = words.filter((w) => !items.has(w.toLowerCase())).join(' ')
    if (tid === undefined || tid.length > 20 || (failed.length === 0 && note !== '')) unread.push(line)
    else results.push({ tid, failed, ...(note === '' ? {} : { note: note.slice(0, 500) }) })
  }
  return { results, unread }
}

export function ResultsField({ text, set }: { text: string; set: (text: string) => void }) {
  const say = useSay()
  const { results, unread } = resultsIn(text)
  const failed = results.filter((r) => (r.failed ?? []).length > 0).length
  return (
    <>
      <Field label={say('测试结果，每行一台', 'Test results, a terminal a line')} hint={say(`只写终端号即全部通过；未通过的写上项目（${wordsIn(testItems).map((i) => testItems[i][0]).join('、')}）和情况`, `A number alone passed; after it stand what failed (${wordsIn(testItems).map((i) => testItems[i][1]).join(', ')}) and what was wrong`)}>
        <textarea className="listed" rows={7} spellCheck={false} value={text} onChange={(e) => set(e.target.value)} placeholder={say('10000001\n10000002 打印 缺纸传感器失灵', '10000001\n10000002 printer paper sensor dead')} />
      </Field>
      {results.length === 0 && unread.length === 0 ? null : <p className="sentence soft" role="status">{say(`${results.length} 台：通过 ${results.length - failed} 台，未通过 ${failed} 台。`, `${results.length} terminal(s): ${results.length - failed} passed, ${failed} failed.`)}</p>}
      {unread.length === 0 ? null : <p className="near sentence">{say('看不懂这几行（没有写明哪一项未通过）：', 'These lines are not understood (they do not name what failed): ')}<span className="hash">{unread.slice(0, 5).join(' · ')}</span></p>}
    </>
  )
}
