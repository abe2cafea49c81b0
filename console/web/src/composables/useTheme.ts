import { readonly, ref } from 'vue'

export type Theme = 'dark' | 'light'

const KEY = 'shequ.theme'
const theme = ref<Theme>('dark') // a control room at night is what this page is made for

/** Put the reader's theme on the page, before anything is drawn. */
export function apply(): void {
  theme.value = localStorage.getItem(KEY) === 'light' ? 'light' : 'dark'
  document.documentElement.dataset['theme'] = theme.value
}

function choose(next: Theme): void {
  localStorage.setItem(KEY, next)
  apply()
}

export const useTheme = () => ({ theme: readonly(theme), choose })
