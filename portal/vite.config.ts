import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { budget } from './plugins/budget'
import { compress } from './plugins/compress'
import { english } from './plugins/english'

const source = fileURLToPath(new URL('./src', import.meta.url))
const server = process.env['KELP_URL'] ?? 'https://localhost:8443'

export default defineConfig({
  base: '/portal/assets/',
  plugins: [english(), react(), compress(), budget()],
  resolve: { alias: { '@': source } },
  // The Kusto language service reads `global`; without it its worker ends at once and completion with it.
  define: { global: 'globalThis' },
  worker: { format: 'es' },
  build: {
    outDir: '../src/kelp/api/portal/assets',
    assetsDir: '',
    emptyOutDir: true,
    target: 'es2022',
    // A data: URL is no file of ours to the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 10_000,
    rolldownOptions: {
      // What many pages take from packages is one file: it compresses better than dozens of small ones.
      output: { advancedChunks: { groups: [{ name: 'base', test: /node_modules/, minShareCount: 6 }] } },
      treeshake: {
        // A page takes from the kit what it shows: the kit's one door must not bring all of it into the first load.
        moduleSideEffects: [{ test: /\/src\/(ui|lib|i18n|grid|viz)\/[^?]*\.tsx?$/, sideEffects: false }],
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/portal/api', '/v1', '/subscriptions', '/providers', '/v1.0'].map((path) => [
        path,
        { target: server, secure: false, changeOrigin: true },
      ]),
    ),
  },
})
