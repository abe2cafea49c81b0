import { createPinia } from 'pinia'
import { createApp } from 'vue'

import App from './App.vue'
import { apply } from './composables/useTheme'
import { i18n, setLocale } from './i18n'
import { router } from './router'
import './style.css'

apply()
setLocale(i18n.global.locale.value)
createApp(App).use(createPinia()).use(i18n).use(router).mount('#app')
