import { mkdirSync, writeFileSync } from 'node:fs';
import { loadConfig } from '../../src/model/config.ts';
import { floatWeights } from '../../src/model/float-weights.ts';
import { huggingFaceFiles } from '../../src/model/hugging-face.ts';
import { nodePlatform } from '../../src/platform/node-platform.ts';
import { loadTokenizer } from '../../src/text/load.ts';
import { random } from '../fixtures/random.ts';

/** Writes MiniLM in floats under a token head of seeded weights: what it says means nothing, but it must mean the same everywhere. */
export async function writeTokenModel(directory: string): Promise<void> {
  const source = nodePlatform.resolveModel('bertwasm-minilm');
  const base = await loadConfig(source);
  const weights = await floatWeights(source, base);
  const labels = ['O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC'];
  const next = random(1);
  const seeded = (length: number) => Float32Array.from({ length }, () => 0.4 * next() - 0.2);
  weights.set('classifier.weight', seeded(labels.length * base.dim)).set('classifier.bias', seeded(labels.length));
  const files = huggingFaceFiles({
    config: { ...base, head: 'token', labels, bertwasm: undefined },
    weights,
    tokenizer: (await loadTokenizer(source)).toJSON(),
    maxLength: base.positions,
  });
  mkdirSync(directory, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(`${directory}/${name}`, bytes);
}
