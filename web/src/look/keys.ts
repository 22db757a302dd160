// Single letters as commands, for pages people work in all day. Whoever types into a field, or holds Ctrl, Alt or Meta, means
// something else; and over an open dialog they mean the dialog.
import { useEffect } from 'react'

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('textarea, select, input:not([type=radio], [type=checkbox])'))

export function useKeys(commands: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isTyping(event.target) || document.querySelector('dialog[open]')) return
      const command = commands[event.key.length === 1 ? event.key.toLowerCase() : event.key]
      if (command === undefined) return
      event.preventDefault()
      command()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  })
}
