/** @jsxImportSource preact */
// The keys of the machine: those drawn on it and those of a keyboard do the same. Whichever picture the screen shows listens.
import { createContext } from 'preact'
import { useContext, useLayoutEffect, useRef } from 'preact/hooks'
import { useSay } from './words.ts'

export type Key = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | 'ok' | 'cancel' | 'clear' | 'up' | 'down'
export type Press = (key: Key) => void

const ofKeyboard: Readonly<Record<string, Key>> = {
  Enter: 'ok', Escape: 'cancel', Backspace: 'clear', Delete: 'clear', ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'up', ArrowRight: 'down',
}
const digit = /^\d$/

type Listening = { current: Press }
export const KeysContext = createContext<Listening>({ current() {} })

/** For as long as it is shown. */
export function useKeys(press: Press): void {
  const listening = useContext(KeysContext)
  useLayoutEffect(() => { listening.current = press })
}

/** What has the focus answers Enter itself: a link is followed, a button pressed. */
const isTakenBy = (target: EventTarget | null, key: string): boolean =>
  target instanceof HTMLElement && (target.closest('input, select, textarea') !== null || (key === 'Enter' && target.closest('a, button, summary') !== null))

export function useMachineKeys(): { listening: Listening; press: Press } {
  const listening = useRef<Press>(() => {})
  const press: Press = (key) => listening.current(key)
  // Before the first picture: whoever sees the machine may type.
  useLayoutEffect(() => {
    const typed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTakenBy(event.target, event.key)) return
      const key = digit.test(event.key) ? (event.key as Key) : ofKeyboard[event.key]
      if (key === undefined) return
      event.preventDefault()
      listening.current(key)
    }
    addEventListener('keydown', typed)
    return () => removeEventListener('keydown', typed)
  }, [])
  return { listening, press }
}

const rows: readonly (readonly Key[])[] = [['up', 'clear', 'down'], ['1', '2', '3'], ['4', '5', '6'], ['7', '8', '9'], ['cancel', '0', 'ok']]

export function Keypad({ press }: { press: Press }) {
  const say = useSay()
  const faces: Readonly<Partial<Record<Key, readonly [face: string, name?: string]>>> = {
    up: ['▲', say('上', 'Up')], down: ['▼', say('下', 'Down')], clear: [say('清除', 'Clear')], cancel: [say('取消', 'Cancel')], ok: [say('确认', 'OK')],
  }
  return (
    <fieldset class="keypad" aria-label={say('键盘', 'Keys')}>
      {rows.flat().map((key) => {
        const [face, name] = faces[key] ?? [key]
        // The focus stays where it is: a key pressed with a finger is not the one that Enter presses next.
        return <button key={key} type="button" class={`key ${key}`} aria-label={name} onMouseDown={(event) => event.preventDefault()} onClick={() => press(key)}>{face}</button>
      })}
    </fieldset>
  )
}
