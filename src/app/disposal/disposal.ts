// Disposal as the rest of the program uses it: legal holds, disposals, and what clears up after a key was destroyed.
import type { App } from '../app.ts'
import { clearing } from './clear.ts'
import { disposalsOf } from './disposals.ts'
import { legalHoldsOf } from './legal-holds.ts'

export const openDisposal = (app: App) => ({ legalHolds: legalHoldsOf(app), disposals: disposalsOf(app), clear: clearing(app).run })
export type Disposal = ReturnType<typeof openDisposal>
