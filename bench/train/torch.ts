import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { venvPython } from '../../test/venv.ts';
import { root } from '../files.ts';

export interface HeadShape {
  /** P */
  width: number;
  /** D */
  dim: number;
  /** L */
  labels: number;
  head: 'distilbert' | 'linear';
  /** Vectors of a step. */
  batch: number;
  /** Vectors of the training set. */
  vectors: number;
}

export interface TorchHead {
  version: string;
  step(count: number): Promise<void>;
  /** CPU milliseconds of all steps so far. */
  milliseconds(): number;
  close(): void;
}

/** A head in a Python process of its own. */
export async function torchHead(shape: HeadShape): Promise<TorchHead> {
  const python = venvPython('heads', `${root}test/heads/requirements.txt`);
  const child = spawn(python, [`${root}bench/train/torch_head.py`], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('torch_head.py: expected an answer, got the end of the process');
    return value;
  };
  const version = (await ask(JSON.stringify(shape))).split(' ')[1];
  let seconds = 0;
  return {
    version,
    step: async (count) => {
      seconds += Number(await ask(`${count}`));
    },
    milliseconds: () => seconds * 1000,
    close: () => void child.stdin.end(),
  };
}
