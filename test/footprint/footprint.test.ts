import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { vitePage } from '../../bench/size/bundle.ts';
import { residentBytes } from '../runtimes/soak/resident-bytes.ts';
import { BUDGETS, PREDICTING_PAGE } from './budgets.ts';

test('what a predicting page ships', async () => {
  const { js, wasm } = await vitePage(PREDICTING_PAGE);
  expect(js + wasm).toBeLessThanOrEqual(BUDGETS.page);
});

test('the weights of the default model', () => {
  const bytes = ['encoder.safetensors', 'head.safetensors'].map(
    (file) => statSync(new URL(`../../models/sentiment/${file}`, import.meta.url)).size,
  );
  expect(bytes[0] + bytes[1]).toBeLessThanOrEqual(BUDGETS.weights);
});

// Beyond what Node takes itself, which differs between its versions.
test.runIf(process.platform === 'linux')('peak memory of a load and of a prediction', async () => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('child.mjs', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const peaks = new Map<string, number>();
  for await (const name of child.stdout.setEncoding('utf8')) {
    peaks.set(name.trim(), residentBytes(child.pid as number, 'VmHWM'));
    child.stdin.write('go on\n');
  }
  if (child.exitCode === null) await once(child, 'close');
  expect([...peaks.keys()]).toEqual(['started', 'loaded', 'predicted']);
  const [started, loaded, predicted] = peaks.values();
  expect(loaded - started).toBeLessThanOrEqual(BUDGETS.load);
  expect(predicted - started).toBeLessThanOrEqual(BUDGETS.predict);
});
