// Starts the screens: language, server state, look, routes – and nothing else.
import { StrictMode, useEffect, useMemo, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { Refused, openClient } from './api.ts'
import { makeRouter } from './routes.tsx'
import { askMe } from './session.ts'
import { firstLanguage, keepLanguage, LanguageContext, type Language } from './words.ts'
import './look/base.css'
import './look/controls.css'

const retries_max = 2

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000, refetchOnWindowFocus: true,
      // What the server refused it will refuse again; only what it said may be retried is.
      retry: (failures, error) => failures < retries_max && error instanceof Refused && error.problem.retry,
    },
    mutations: { retry: false },
  },
})
const router = makeRouter()

function Screens() {
  const [language, setLanguage] = useState<Language>(firstLanguage)
  // Before anything asks: every call says in which language its sentences are wanted.
  openClient(language)
  useEffect(() => { keepLanguage(language) }, [language])
  const speaking = useMemo(() => ({
    language,
    setLanguage(next: Language) {
      openClient(next)
      setLanguage(next)
      void queries.invalidateQueries()
    },
  }), [language])
  return (
    <LanguageContext value={speaking}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </LanguageContext>
  )
}

// Who is here and the page they came for are on their way before anything is drawn.
openClient(firstLanguage())
void router.load()
void queries.prefetchQuery(askMe)
createRoot(document.getElementById('root')!).render(<StrictMode><Screens /></StrictMode>)
