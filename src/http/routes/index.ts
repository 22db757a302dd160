// The contract: every call, in the order people read it.
import type { Route } from '../route.ts'
import { applicationRoutes } from './applications.ts'
import { fileRoutes } from './files.ts'
import { gateRoutes } from './gate.ts'
import { authRoutes, peopleRoutes } from './people.ts'
import { publicRoutes } from './public.ts'
import { ruleRoutes } from './rules.ts'
import { terminalRoutes } from './terminals.ts'

export const routes: readonly Route[] = [
  ...applicationRoutes,
  ...terminalRoutes,
  ...gateRoutes,
  ...fileRoutes,
  ...publicRoutes,
  ...ruleRoutes,
  ...peopleRoutes,
  ...authRoutes,
]
