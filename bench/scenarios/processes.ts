import { spawn } from 'node:child_process';
import { models, root } from '../files.ts';
import type { Rounds } from '../pairs.ts';
import { loadRelaxed } from '../peers/bertwasm.ts';
import { BASE, BASE_AGAIN, type Goal, ORT, RELAXED, type Row, rows } from '../rows.ts';

interface Start {
  /** Wall milliseconds from before the process is made to its first label on stdout. */
  ms: number;
  /** Most resident memory of the process, MB of 10^6 bytes. */
  peakRss: number;
}

/**
 * DistilBERT-base, every start a process of its own, in turn: cold start (from the process's making to the first label
 * of 8 tokens; files in the page cache) and peak resident memory (128 tokens).
 */
export async function processes(quick: boolean): Promise<Row[]> {
  const { onnx, own } = models.base;
  const builds: [name: string, args: (tokens: number) => string[]][] = [
    [ORT, (tokens) => ['bench/children/ort-web.mjs', onnx, `${tokens}`]],
    [BASE, (tokens) => ['bench/children/bertwasm.mjs', own, `${tokens}`, 'base']],
    [BASE_AGAIN, (tokens) => ['bench/children/bertwasm.mjs', own, `${tokens}`, 'base']],
  ];
  if (await loadRelaxed(own)) {
    builds.push([RELAXED, (tokens) => ['bench/children/bertwasm.mjs', own, `${tokens}`, 'relaxed']]);
  }

  const measure = async (rounds: number, tokens: number, value: (start: Start) => number): Promise<Rounds> => {
    const times: Rounds = new Map(builds.map(([name]) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, args] of builds) times.get(name)?.push(value(await startToLabel(args(tokens))));
    }
    return times;
  };
  const coldStart = await measure(quick ? 3 : 15, 8, ({ ms }) => ms);
  const peakRss = await measure(quick ? 2 : 5, 128, ({ peakRss }) => peakRss);
  const fast: Goal = { most: 400 };
  const small: Goal = { most: 180 };
  return [
    ...rows('DistilBERT-base cold start', coldStart, { base: fast, relaxed: fast }),
    ...rows('DistilBERT-base peak RSS, 128 tokens', peakRss, { base: small, relaxed: small }, 'MB'),
  ];
}

function startToLabel(args: readonly string[]): Promise<Start> {
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let ms = 0;
    let output = '';
    child.stdout.on('data', (chunk) => {
      ms ||= performance.now() - begin;
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve({ ms, peakRss: JSON.parse(output).peakRss });
      else reject(new Error(`${args.join(' ')}: expected exit code 0, got ${code}`));
    });
  });
}
