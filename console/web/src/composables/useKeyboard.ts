import { onBeforeUnmount, onMounted } from 'vue'

export type KeyMap = Readonly<Record<string, () => void>>

/** Single-key commands; never while somebody types, nor together with Ctrl, Alt or Meta. */
export function useKeyboard(keys: KeyMap): void {
  function onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return
    const typing = isTyping(event.target)
    if (typing && event.key !== 'Escape') return
    const command = keys[event.key]
    if (!command) return
    if (document.querySelector('dialog[open]') && event.key !== '?') return
    if (event.key !== 'Escape') event.preventDefault() // Escape also closes dialogs
    if (typing && event.target instanceof HTMLElement) event.target.blur()
    command()
  }
  onMounted(() => window.addEventListener('keydown', onKey))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey))
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !['radio', 'checkbox', 'button', 'submit'].includes(target.type)
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
}
