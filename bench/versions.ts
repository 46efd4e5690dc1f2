import { existsSync, readFileSync } from 'node:fs';
import { peerModules, python, root } from './files.ts';

/** Versions of the peers that are installed. */
export function versions(): Record<string, string> {
  const found: Record<string, string> = {};
  const installed = [
    ['onnxruntime-web', `${root}node_modules/onnxruntime-web`],
    ['onnxruntime-node', `${root}node_modules/onnxruntime-node`],
    ['transformers.js', `${peerModules}/@huggingface/transformers`],
  ];
  for (const [name, directory] of installed) {
    const file = `${directory}/package.json`;
    if (existsSync(file)) found[name] = JSON.parse(readFileSync(file, 'utf8')).version;
  }
  if (existsSync(python)) {
    const [, torch] = /^torch==(.+)$/m.exec(readFileSync(`${root}bench/models/requirements.txt`, 'utf8')) ?? [];
    found.PyTorch = torch;
  }
  return found;
}
