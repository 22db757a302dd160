// A map that remembers the recent and forgets the rest, in two generations: when the young one is full the old one is
// dropped and the young one grows old. What is asked for becomes young again. Forgetting costs nothing, and nothing is
// counted one by one.

export type Recent<K, V> = {
  get(key: K): V | undefined
  set(key: K, value: V): void
}

/** `max`: of the young ones; with the old there may be twice as many. */
export function createRecent<K, V>(max: number): Recent<K, V> {
  let young = new Map<K, V>()
  let old = new Map<K, V>()
  const put = (key: K, value: V): void => {
    if (young.size >= max) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  return {
    get(key) {
      const found = young.get(key)
      if (found !== undefined) return found
      const aged = old.get(key)
      if (aged === undefined) return undefined
      old.delete(key)
      put(key, aged)
      return aged
    },
    set(key, value) {
      old.delete(key)
      put(key, value)
    },
  }
}
