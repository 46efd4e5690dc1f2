import { build } from 'esbuild';

/**
 * Bundles a file with the package's entry of a condition. A .wasm that is imported stays a file beside it, under its own
 * name.
 */
export async function bundle(file: string, condition: string, directory: string): Promise<void> {
  await build({
    entryPoints: [file],
    outdir: directory,
    bundle: true,
    format: 'esm',
    conditions: [condition],
    loader: { '.wasm': 'copy' },
    assetNames: '[name]',
    logLevel: 'error',
  });
}
