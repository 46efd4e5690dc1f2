/**
 * `npm run fuzz:api`: Schemathesis, a fuzzer of OpenAPI documents, against `bertwasm serve` with the default model: what
 * its document allows must be taken, what it does not must be refused, and every answer must be as it says.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { venvPython } from '../venv.ts';

const EXAMPLES = 300;
const SEED = 6;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const python = venvPython('schemathesis', here('schemathesis.txt'));
const server = spawn(process.execPath, [here('../../dist/node/main.js'), 'serve', '--port', '0', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const [line] = await once(server.stdout.setEncoding('utf8'), 'data');
  const { url } = JSON.parse(line);
  const bounds = ['--mode', 'all', '--checks', 'all', '--max-examples', `${EXAMPLES}`, '--seed', `${SEED}`];
  const { status } = spawnSync(
    `${dirname(python)}/schemathesis`,
    [
      '--config-file',
      here('schemathesis.toml'),
      'run',
      `${url}/openapi.json`,
      ...bounds,
      '--generation-database',
      'none',
    ],
    { stdio: 'inherit' },
  );
  const answer = await fetch(`${url}/health`);
  if (!answer.ok) throw new Error(`server: expected it in health after the fuzzer, got ${answer.status}`);
  process.exitCode = status ?? 1;
} finally {
  server.kill();
}
