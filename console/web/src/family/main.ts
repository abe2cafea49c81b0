import { createApp } from 'vue'

import FamilyPage from './FamilyPage.vue'
import './family.css'

createApp(FamilyPage).mount('#app')
