import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { random } from '../fixtures/random.ts';
import { TINY_VOCAB, tinyOwnModel, writeFiles } from '../fixtures/tiny-model.ts';

/*
 * Trainings of the command line, as it is shipped, that are killed and resumed.
 */

const MAIN = fileURLToPath(new URL('../../dist/node/main.js', import.meta.url));

/** Some seconds, nearly all of them steps and checkpoints. */
const ARGS = ['--model', 'encoder', '--num-train-epochs', '80', '--save-total-limit', '3', '--dropout', '0.2'];

const WORDS = TINY_VOCAB.filter((word) => /^[a-z]{3,}$/.test(word));

/** A directory with the tiny encoder and 300 rows of seeded words. */
export async function trainingWorkspace(directory: string): Promise<void> {
  await writeFiles(join(directory, 'encoder'), await tinyOwnModel('none'));
  const next = random(11);
  const word = () => WORDS[Math.floor(next() * WORDS.length)];
  const rows = Array.from({ length: 300 }, () => {
    const label = ['bad', 'fine', 'good'][Math.floor(next() * 3)];
    return `${label}\t${word()} ${label === 'fine' ? word() : label} ${word()}\n`;
  });
  await writeFile(join(directory, 'rows.tsv'), `label\ttext\n${rows.join('')}`);
}

function start(directory: string, out: string, ...more: string[]): ChildProcess {
  const args = [MAIN, 'train', 'rows.tsv', '--out', out, ...ARGS, ...more];
  return spawn(process.execPath, args, { cwd: directory, stdio: 'ignore' });
}

/** Trains to the end; milliseconds taken. */
export async function train(directory: string, out: string, ...more: string[]): Promise<number> {
  const started = performance.now();
  const [code] = await once(start(directory, out, ...more), 'exit');
  if (code !== 0) throw new Error(`train ${more}: exit ${code}`);
  return performance.now() - started;
}

/** What was there when a training was killed. */
export interface Killed {
  checkpoints: string[];
  finished: boolean;
}

/** Starts a training and kills it after so many milliseconds. */
export async function trainAndKill(
  directory: string,
  out: string,
  milliseconds: number,
  ...more: string[]
): Promise<Killed> {
  const child = start(directory, out, ...more);
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
  await ended;
  clearTimeout(timer);
  const files = await readdir(join(directory, `${out}.training`)).catch(() => []);
  return { checkpoints: files.filter((name) => name.startsWith('checkpoint-')), finished: child.exitCode === 0 };
}

/** All that a training leaves, but for the times it took. */
export async function outcome(directory: string, out: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(join(directory, out), { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name === 'report.html') continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    files[path.slice(join(directory, out).length + 1)] =
      entry.name === 'trainer_state.json' ? withoutTimes(bytes.toString()) : bytes.toString('hex');
  }
  return files;
}

function withoutTimes(state: string): string {
  return state.replace(/"train_(runtime|samples_per_second|steps_per_second)": [^,\n]*/g, '"$1"');
}
