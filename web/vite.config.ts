// Builds the screens into web/dist; the program serves what stands there. The names of files carry their content's hash, so
// a browser may keep them for good.
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('.'),
  base: '/',
  plugins: [react()],
  // The virtual terminal speaks through the gate's own codec; what that asks of Node is there for a browser, too.
  resolve: { alias: { 'node:crypto': here('src/terminal/browser/crypto.ts') } },
  build: {
    outDir: here('dist'), emptyOutDir: true, target: 'es2022', assetsDir: 'assets', sourcemap: false, reportCompressedSize: false, manifest: true,
    // Nothing is inlined as data:, which the content policy refuses for scripts and styles.
    assetsInlineLimit: 0, modulePreload: { polyfill: false },
    rolldownOptions: { input: { app: here('index.html'), terminal: here('terminal.html') } },
  },
})
