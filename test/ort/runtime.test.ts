import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { loadRuntime } from '../../src/ort/runtime.ts';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));
const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

/** Name and message of what `loadRuntime` throws, in a process of its own, beside these files of node_modules. */
function faultBeside(modules: Readonly<Record<string, string>>): { name: string; message: string } {
  const directory = mkdtempSync(join(tmpdir(), 'bertwasm-runtime-'));
  directories.push(directory);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  write('package.json', '{ "type": "module" }');
  for (const name of ['errors.ts', 'ort/runtime.ts']) cpSync(join(SOURCES, name), join(directory, 'src', name));
  for (const [path, text] of Object.entries(modules)) write(join('node_modules', path), text);
  write(
    'load.ts',
    `import { loadRuntime } from './src/ort/runtime.ts';
     const fault = await loadRuntime().catch(({ name, message }) => ({ name, message }));
     process.stdout.write(JSON.stringify(fault));`,
  );
  return JSON.parse(execFileSync(process.execPath, [join(directory, 'load.ts')], { encoding: 'utf8' }));
}

const PACKAGE = { 'onnxruntime-node/package.json': '{ "main": "index.js" }' };

test('installed', async () => {
  expect(await loadRuntime()).toMatchObject({ InferenceSession: expect.anything(), Tensor: expect.anything() });
});

test('not installed: what to install', () => {
  const { name, message } = faultBeside({});
  expect(name).toBe('UsageError');
  expect(message).toMatch(/^onnxruntime-node: expected it installed, .*\(npm install onnxruntime-node; /);
  expect(message).toContain('ONNXRUNTIME_NODE_INSTALL=skip');
});

test('its native library does not load: the cause', () => {
  const broken = {
    ...PACKAGE,
    'onnxruntime-node/index.js': "require('./onnxruntime_binding.node');",
    'onnxruntime-node/onnxruntime_binding.node': 'no library',
  };
  const { name, message } = faultBeside(broken);
  expect(name).toBe('UsageError');
  expect(message).toMatch(/^onnxruntime-node: expected its native library to load, got: .*onnxruntime_binding\.node/);
});

test('no native library for this system', () => {
  const { name, message } = faultBeside({
    ...PACKAGE,
    'onnxruntime-node/index.js': "require('../bin/napi-v6/plan9/mips/onnxruntime_binding.node');",
  });
  expect(name).toBe('UsageError');
  expect(message).toMatch(/^onnxruntime-node: expected its native library to load, got: .*plan9/);
});

test.each([
  ['another package that it needs', "require('onnxruntime-common');", 'onnxruntime-common'],
  ['a fault of its own', "throw new RangeError('of its own');", 'of its own'],
])('%s is told as it is', (_, source, told) => {
  const { name, message } = faultBeside({ ...PACKAGE, 'onnxruntime-node/index.js': source });
  expect(name).not.toBe('UsageError');
  expect(message).toContain(told);
});
