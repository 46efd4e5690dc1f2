// node put-model.js --local|--remote …: puts the files of model/ in the bucket of wrangler.r2.jsonc; options go to wrangler.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

for (const file of readdirSync('model')) {
  const put = ['r2', 'object', 'put', `bertwasm-model/${file}`, '--file', `model/${file}`, ...process.argv.slice(2)];
  execFileSync('wrangler', put, { stdio: 'inherit' });
}
