// The devices a closure calls back, each with its sentence, as lines of the case they belong to.
import { Link } from '@tanstack/react-router'
import type { GetApplicationResponses } from '../../../src/client/generated/types.gen.ts'
import { useSay } from '../words.ts'
import { DepositLamp, ReturnLamp } from './lamps.tsx'

export function CaseReturns({ returns }: { returns: GetApplicationResponses[200]['returns'] }) {
  const say = useSay()
  return (
    <section className="sheet"><h2 className="plain">{say('退机与押金', 'Devices and deposits')}</h2>
      <ul className="plain stack">{returns.map((r) => (
        <li key={r.rma} className="stack tight">
          <span className="row"><Link className="num" to={`/returns/${r.rma}` as never}>{r.serial}</Link><ReturnLamp state={r.state} />{r.deposit === null ? null : <DepositLamp state={r.deposit.state} overdue={r.deposit.overdue} />}</span>
          <p className="sentence">{r.sentence}</p>
        </li>
      ))}</ul>
    </section>
  )
}
