import { createI18n } from 'vue-i18n'

import en from './en'
import zh from './zh'

export type Locale = 'zh' | 'en'

const KEY = 'shequ.locale'

export const i18n = createI18n({
  legacy: false,
  locale: stored(),
  fallbackLocale: 'zh',
  messages: { zh, en },
  missingWarn: false,
  fallbackWarn: false,
})

export function setLocale(locale: Locale): void {
  i18n.global.locale.value = locale
  document.documentElement.lang = locale === 'zh' ? 'zh-CN' : 'en'
  try {
    localStorage.setItem(KEY, locale)
  } catch {
    // a locked-down browser still gets the language, for this visit
  }
}

function stored(): Locale {
  try {
    return localStorage.getItem(KEY) === 'en' ? 'en' : 'zh'
  } catch {
    return 'zh'
  }
}
