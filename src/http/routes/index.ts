// The contract: every call, in the order people read it.
import type { Route } from '../route.ts'
import { applicationRoutes } from './applications.ts'
import { deviceRoutes } from './devices.ts'
import { fileRoutes } from './files.ts'
import { gateRoutes } from './gate.ts'
import { gatesRoutes } from './gates.ts'
import { moneyRoutes } from './money.ts'
import { authRoutes, peopleRoutes } from './people.ts'
import { publicRoutes } from './public.ts'
import { ruleRoutes } from './rules.ts'
import { settlementRoutes } from './settlement.ts'
import { terminalRoutes } from './terminals.ts'
import { lineRoutes } from '../virtual-terminal.ts'

export const routes: readonly Route[] = [
  ...applicationRoutes,
  ...terminalRoutes,
  ...deviceRoutes,
  ...moneyRoutes,
  ...gateRoutes,
  ...gatesRoutes,
  ...lineRoutes,
  ...fileRoutes,
  ...settlementRoutes,
  ...publicRoutes,
  ...ruleRoutes,
  ...peopleRoutes,
  ...authRoutes,
]
