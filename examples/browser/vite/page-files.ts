import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

const SERVICE_WORKER = 'service-worker.js';

/** Tells the service worker the built files as `PAGE_FILES`, and as `PAGE_VERSION` what changes with any of them. */
export function pageFiles(): Plugin {
  return {
    name: 'page-files',
    // After what the build itself adds: the page, and the worker's files.
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const { [SERVICE_WORKER]: worker, ...files } = bundle;
        if (worker?.type !== 'chunk') throw new Error(`${SERVICE_WORKER}: expected a chunk, got ${worker?.type}`);
        const hash = createHash('sha256').update(worker.code);
        for (const file of Object.values(files)) hash.update(file.type === 'chunk' ? file.code : file.source);
        const names = Object.keys(files).map((name) => (name === 'index.html' ? './' : `./${name}`));
        worker.code = worker.code
          .replace('PAGE_FILES', () => JSON.stringify(names))
          .replace('PAGE_VERSION', () => JSON.stringify(hash.digest('hex').slice(0, 12)));
      },
    },
  };
}
