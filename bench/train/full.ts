import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { FullBackend } from '../../src/train/full/full-backend.ts';
import { binaries } from '../../test/fixtures/kernels.ts';
import { configOf, encoded, prepare, python, REFERENCE, reference, tensors } from '../../test/parity/files.ts';
import { type Comparison, compare, interleave } from '../pairs.ts';

/** Rows of a step, of 64 tokens each with the padding. */
const B = 16;

export interface FullRow {
  /** How torch computes attention. */
  attention: 'eager' | 'sdpa';
  /** CPU milliseconds of a step. */
  result: Comparison;
}

/** Steps on all parameters of MiniLM, 16 x 64, ours against torch's: each on one thread, by its own CPU time, in turn. */
export async function full(quick: boolean): Promise<FullRow[]> {
  const directory = prepare();
  const torch = torchSteps(directory);
  const ours = await ourSteps();
  const rounds = quick ? 3 : 12;
  const rows: FullRow[] = [];
  for (const attention of ['eager', 'sdpa'] as const) {
    const times = await interleave(
      [
        { name: 'torch', run: () => torch.step(attention) },
        { name: 'bertwasm', run: ours.step },
      ],
      // The worker of ONNX Runtime is within this process; while torch computes, it waits.
      { rounds, warmup: 2, clock: () => ours.milliseconds() + torch.milliseconds() },
    );
    rows.push({ attention, result: compare(times, 'torch', 'bertwasm') });
  }
  torch.close();
  await ours.close();
  return rows;
}

function torchSteps(directory: string) {
  const child = spawn(python(), [REFERENCE, 'bench', directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let milliseconds = 0;
  return {
    step: async (attention: string) => {
      child.stdin.write(`${attention} 1\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('reference.py: expected an answer, got the end of the process');
      milliseconds += Number(value);
    },
    milliseconds: () => milliseconds,
    close: () => void child.stdin.end(),
  };
}

async function ourSteps() {
  const golden = reference('sequence', 'full');
  const backend = await FullBackend.create({
    weight_decay: 0.01,
    adam_beta1: 0.9,
    adam_beta2: 0.999,
    adam_epsilon: 1e-8,
    max_grad_norm: 1,
    config: configOf('sequence'),
    weights: tensors('sequence'),
    train: encoded('sequence', golden),
    trained: 'full',
    dropout: { embeddings: 0, attention: 0, ffn: 0, head: 0 },
    label_smoothing_factor: 0,
    per_device_train_batch_size: B,
    gradient_accumulation_steps: 1,
    per_device_eval_batch_size: B,
    seed: 1,
    device: 'cpu',
    threads: 1,
    module: await binaries.load('base'),
  });
  let step = 0;
  let microseconds = 0;
  return {
    step: async () => {
      const first = (step % golden.rates.length) * B;
      const rows = Array.from({ length: B }, (_, b) => first + b);
      const begin = process.cpuUsage();
      await backend.steps([{ rows, step: ++step, learningRate: 1e-6 }]);
      const { user, system } = process.cpuUsage(begin);
      microseconds += user + system;
    },
    milliseconds: () => microseconds / 1000,
    close: () => backend.close(),
  };
}
