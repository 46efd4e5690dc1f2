import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

/** Copies a model's files from its package into the built page, and tells the page their size as `MODEL_BYTES`. */
export function modelFiles(model: string): Plugin {
  const config = createRequire(import.meta.url).resolve(`${model}/config.json`);
  const manifest = async (): Promise<Record<string, { size: number; parts?: number[] }>> =>
    JSON.parse(await readFile(config, 'utf8')).bertwasm.files;
  return {
    name: 'model-files',
    async config() {
      const sizes = Object.values(await manifest()).map(({ size }) => size);
      return { define: { MODEL_BYTES: sizes.reduce((sum, size) => sum + size, 0) } };
    },
    async writeBundle({ dir }) {
      const folder = join(dir as string, 'model');
      await mkdir(folder, { recursive: true });
      // A file that `bertwasm shard` cut is there in its parts.
      const stored = Object.entries(await manifest()).flatMap(
        ([name, { parts }]) => parts?.map((_, i) => `${name}.part${i + 1}`) ?? [name],
      );
      for (const file of ['config.json', ...stored]) {
        await copyFile(join(dirname(config), file), join(folder, file));
      }
    },
  };
}
