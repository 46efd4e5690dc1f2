// node put-model.js [--local]: puts the files of model/ in the bucket of wrangler.jsonc.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const [where = '--remote'] = process.argv.slice(2);
for (const file of readdirSync('model')) {
  const object = `bertwasm-model/${file}`;
  execFileSync('wrangler', ['r2', 'object', 'put', object, '--file', `model/${file}`, where], { stdio: 'inherit' });
}
