// Views people keep by name, in their own browser: a name and the filters that stand in the address.
export type SavedView = { name: string; search: Readonly<Record<string, string>> }

const views_max = 20
export const name_length_max = 30
const keyOf = (account: string): string => `tingqi.fleet.views.${account}`

/** What another version or another hand left there is not believed. */
export function savedViews(account: string): SavedView[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(keyOf(account)) ?? '[]')
    return Array.isArray(found) ? found.filter((v): v is SavedView => typeof v?.name === 'string' && typeof v.search === 'object' && v.search !== null) : []
  } catch {
    return []
  }
}

/** The same name again replaces; the oldest gives way. */
export function keepView(account: string, view: SavedView): SavedView[] {
  return store(account, [...savedViews(account).filter((v) => v.name !== view.name), view].slice(-views_max))
}
export const dropView = (account: string, name: string): SavedView[] => store(account, savedViews(account).filter((v) => v.name !== name))

function store(account: string, views: SavedView[]): SavedView[] {
  localStorage.setItem(keyOf(account), JSON.stringify(views))
  return views
}
