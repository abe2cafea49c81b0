import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

const api = process.env['SHEQU_API'] ?? 'http://127.0.0.1:8000'

/** The two large libraries are chunks with a name: loaded by whoever looks at a map or a chart, kept off phones. */
function chunk(id: string): string | undefined {
  if (/node_modules\/maplibre-gl/.test(id)) return 'maplibre'
  return /node_modules\/(?:echarts|zrender)/.test(id) ? 'echarts' : undefined
}

export default defineConfig({
  plugins: [
    vue(),
    // The field page works without network; the desk never does, so the worker's scope is /field alone.
    VitePWA({
      registerType: 'autoUpdate',
      injectRegister: null,
      manifest: false, // public/field.webmanifest
      workbox: {
        globPatterns: ['**/*.{js,css,html,svg,png,webmanifest}'],
        globIgnores: ['**/maplibre*', '**/echarts*', '**/swagger*', '**/ApiPage*', '**/scanner*'], // the desk's; a phone must not fetch two megabytes for them
        navigateFallback: '/index.html',
        navigateFallbackAllowlist: [/^\/field/],
        inlineWorkboxRuntime: true,
        sourcemap: false,
      },
    }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  // Assets stay files: the page's Content-Security-Policy allows nothing inline.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, rollupOptions: { input: ['index.html', 'family.html'], output: { manualChunks: chunk } } },
  server: { proxy: { '/api': api } },
})
