import { inside, MODEL } from '../paths.ts';
import type { Runtime } from '../runtime.ts';
import { inTemporaryDirectory } from './temporary.ts';
import { findWorkerd, startWorkerd } from './workerd-process.ts';

/** What Cloudflare's Workers run on. */
export const workerd: Runtime = {
  name: 'workerd',
  required: true,
  run: () =>
    inTemporaryDirectory(async (directory) => {
      const { version } = findWorkerd();
      await using server = await startWorkerd(inside('worker.mjs'), MODEL, directory);
      const response = await fetch(server.url);
      if (!response.ok) throw new Error(`workerd: expected a report, got HTTP ${response.status}`);
      return { version, ...(await response.json()) };
    }),
};
