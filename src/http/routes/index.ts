// The contract: every call, in the order people read it.
import type { Route } from '../route.ts'
import { applicationRoutes } from './applications.ts'
import { bulkRoutes } from './bulk.ts'
import { careRoutes } from './care.ts'
import { custodyRoutes } from './custody.ts'
import { deviceRoutes } from './devices.ts'
import { disposalRoutes } from './disposal.ts'
import { fileRoutes } from './files.ts'
import { gateRoutes } from './gate.ts'
import { gatesRoutes } from './gates.ts'
import { moneyRoutes } from './money.ts'
import { complaintRoutes } from './complaints.ts'
import { deliveryRoutes } from './deliveries.ts'
import { eventRoutes } from './events.ts'
import { webhookRoutes } from './webhooks.ts'
import { authRoutes, peopleRoutes } from './people.ts'
import { publicRoutes } from './public.ts'
import { replayRoutes } from './replay.ts'
import { ruleRoutes } from './rules.ts'
import { settlementRoutes } from './settlement.ts'
import { terminalRoutes } from './terminals.ts'
import { trafficRoutes } from './traffic.ts'
import { lineRoutes } from '../virtual-terminal.ts'

export const routes: readonly Route[] = [
  ...applicationRoutes,
  ...terminalRoutes,
  ...trafficRoutes,
  ...bulkRoutes,
  ...careRoutes,
  ...deviceRoutes,
  ...custodyRoutes,
  ...moneyRoutes,
  ...gateRoutes,
  ...gatesRoutes,
  ...lineRoutes,
  ...fileRoutes,
  ...settlementRoutes,
  ...publicRoutes,
  ...ruleRoutes,
  ...replayRoutes,
  ...disposalRoutes,
  ...webhookRoutes,
  ...deliveryRoutes,
  ...eventRoutes,
  ...complaintRoutes,
  ...peopleRoutes,
  ...authRoutes,
]
