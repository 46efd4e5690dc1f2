import { defineConfig } from 'vite';
import { CONTENT_SECURITY_POLICY, contentSecurityPolicy } from './vite/content-security-policy.ts';
import { modelFiles } from './vite/model-files.ts';
import { pageFiles } from './vite/page-files.ts';

/** An installed package, whose files the page gets under `model/`. */
const MODEL = 'bertwasm-sentiment';

export default defineConfig({
  // Paths from where the page is, so that it may lie in any folder of any host.
  base: './',
  // Not a single-page application's answer, the page itself, to a file that is not there.
  appType: 'mpa',
  plugins: [modelFiles(MODEL), contentSecurityPolicy(), pageFiles()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // The policy has no place for data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { page: 'index.html', 'service-worker': 'service-worker/main.ts' },
      output: {
        // The service worker's name must stay, and its place is its scope.
        entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  preview: { host: '127.0.0.1', headers: { 'content-security-policy': CONTENT_SECURITY_POLICY } },
});
