import { describe, expect, test } from 'vitest';
import { type TrainingArguments, trainingArguments } from '../../src/train/arguments.ts';
import { MemoryCheckpoints } from '../../src/train/checkpoints.ts';
import { Trainer, type TrainerOptions } from '../../src/train/trainer.ts';
import golden from '../golden/train/trainer_state.json' with { type: 'json' };
import { FakeBackend, fakeModel } from './fakes.ts';

const ROWS = golden.rows;

function setUp(given: Partial<TrainingArguments>, options: Partial<TrainerOptions> & { accuracies?: number[] } = {}) {
  const { accuracies, ...rest } = options;
  const backend = new FakeBackend();
  const checkpoints = new MemoryCheckpoints();
  const metrics = () => ({ accuracy: accuracies?.[backend.evaluations - 1] ?? Math.round(backend.w[0] * 100) / 100 });
  const trainer = new Trainer({
    backend,
    arguments: trainingArguments(
      { learning_rate: 1e-3, per_device_train_batch_size: 8, ...given },
      { evaluation: true, metrics: ['accuracy', 'loss'], task: 'sequence' },
    ),
    rows: ROWS,
    model: fakeModel,
    fingerprint: 'these',
    metrics,
    checkpoints,
    ...rest,
  });
  return { backend, checkpoints: options.checkpoints ?? checkpoints, trainer };
}

describe('as transformers does', () => {
  test.each(golden.runs)('$name', async (run) => {
    const given = { ...run.arguments, warmup_ratio: 0.1 } as Partial<TrainingArguments>;
    const { checkpoints, trainer } = setUp({ save_total_limit: null, ...given }, { accuracies: run.metrics });
    const { state } = await trainer.train();
    const { best_model_checkpoint, best_metric, best_global_step, global_step, max_steps, num_train_epochs, epoch } =
      run;
    expect(state).toMatchObject({
      best_model_checkpoint,
      best_metric,
      best_global_step,
      global_step,
      max_steps,
      num_train_epochs,
      epoch,
    });
    expect(await checkpoints.list()).toEqual(run.checkpoints);
    const log = state.log_history.slice(0, -1).map((entry) => {
      const { learning_rate, eval_accuracy, epoch, step } = entry;
      return { ...(eval_accuracy === undefined ? { learning_rate } : { eval_accuracy }), epoch, step };
    });
    expect(log).toEqual(run.log);
    expect([state.log_history[0], state.log_history.at(-1)].map((entry) => Object.keys(entry ?? {}).sort())).toEqual(
      run.log_keys,
    );
  });

  test("trainer_state.json has TrainerState's fields, sorted", async () => {
    const { checkpoints, trainer } = setUp({ num_train_epochs: 1 });
    await trainer.train();
    const text = new TextDecoder().decode((await checkpoints.load(7))['trainer_state.json']);
    expect(Object.keys(JSON.parse(text))).toEqual(golden.keys);
  });
});

test('an epoch has every row once, in an order of its own; the loss of the log is a mean', async () => {
  const losses: number[] = [];
  const { backend, trainer } = setUp(
    { num_train_epochs: 2, logging_steps: 4, eval_strategy: 'no' },
    { onStep: ({ loss }) => losses.push(loss) },
  );
  const { state } = await trainer.train();
  const epochs = [backend.seen.slice(0, 7).flat(), backend.seen.slice(7).flat()];
  for (const rows of epochs) expect(rows.toSorted((a, b) => a - b)).toEqual(Array.from({ length: ROWS }, (_, i) => i));
  expect(epochs[0]).not.toEqual(epochs[1]);
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  expect(state.log_history.map(({ loss }) => loss).slice(0, 3)).toEqual(
    [0, 4, 8].map((i) => mean(losses.slice(i, i + 4))),
  );
  expect(state.log_history.at(-1)?.train_loss).toBeCloseTo(mean(losses), 12);
});

test('the best model is the result, or the last', async () => {
  const accuracies = [0.5, 0.9, 0.6, 0.9];
  const best = await setUp({ num_train_epochs: 3 }, { accuracies }).trainer.train();
  const last = await setUp({ num_train_epochs: 3, load_best_model_at_end: false }, { accuracies }).trainer.train();
  const twoEpochs = setUp({ num_train_epochs: 3 }, { accuracies });
  await twoEpochs.trainer.train();
  const saved = fakeModel.load(await twoEpochs.checkpoints.load(14));
  expect(best.weights).toEqual(saved);
  expect(last.weights).not.toEqual(saved);
  expect(best.evaluation?.logits).toEqual(saved.get('w'));
  expect(best.evaluation?.metrics).toMatchObject({ eval_accuracy: 0.9 });
});

describe('resumed after any step', () => {
  const cases: [string, Partial<TrainingArguments>][] = [
    ['epochs', { num_train_epochs: 4, logging_steps: 3, lr_scheduler_type: 'cosine' }],
    ['steps', { max_steps: 25, logging_steps: 4, eval_strategy: 'steps', eval_steps: 2, save_steps: 4 }],
    ['every step', { max_steps: 24, logging_steps: 10, eval_strategy: 'steps', eval_steps: 1, save_steps: 1 }],
    ['mixed', { max_steps: 24, eval_strategy: 'epoch', save_strategy: 'steps', save_steps: 3, logging_steps: 5 }],
    [
      'early stop',
      { num_train_epochs: 40, early_stopping_patience: 3, early_stopping_threshold: 0.02, learning_rate: 0.02 },
    ],
    ['nothing evaluated', { num_train_epochs: 3, eval_strategy: 'no', logging_steps: 4 }],
  ];
  test.each(cases)('%s', async (_, given) => {
    const whole = setUp(given);
    const undisturbed = await whole.trainer.train();
    const { global_step } = undisturbed.state;
    for (let stop = 1; stop <= global_step; stop++) {
      const abort = new AbortController();
      const broken = setUp(given, { signal: abort.signal, onStep: ({ step }) => step === stop && abort.abort() });
      await broken.trainer.train().then(
        () => expect(stop).toBe(global_step),
        (error) => expect(error).toBe(abort.signal.reason),
      );
      const again = setUp(given, { checkpoints: broken.checkpoints });
      const resumed = await again.trainer.train({ resume: true });
      expect(resumed.weights).toEqual(undisturbed.weights);
      expect(resumed.evaluation).toEqual(undisturbed.evaluation);
      expect(withoutTime(resumed.state)).toEqual(withoutTime(undisturbed.state));
      expect(await contents(again.checkpoints)).toEqual(await contents(whole.checkpoints));
    }
  });

  const withoutTime = (state: Awaited<ReturnType<Trainer['train']>>['state']) => ({
    ...state,
    log_history: state.log_history.map((entry) =>
      Object.fromEntries(Object.entries(entry).filter(([name]) => !/runtime|per_second/.test(name))),
    ),
  });
  const contents = async (checkpoints: TrainerOptions['checkpoints'] & {}) =>
    Promise.all((await checkpoints.list()).map((step) => checkpoints.load(step)));
});

test('a run stops early where the metric no longer improves, wherever it was broken off', async () => {
  const given = { num_train_epochs: 9, early_stopping_patience: 2 };
  const first = setUp({ ...given }, { accuracies: [0.5, 0.4, 0.3, 0.9] });
  expect((await first.trainer.train()).state.global_step).toBe(21);
  const again = setUp(given, { checkpoints: first.checkpoints });
  expect((await again.trainer.train({ resume: true })).state.global_step).toBe(21);
  expect(again.backend.seen).toEqual([]);
});

test('an abort before the start, and one while it trains, reject with the reason', async () => {
  const reason = new Error('enough');
  await expect(setUp({}, { signal: AbortSignal.abort(reason) }).trainer.train()).rejects.toBe(reason);
  const slow = new AbortController();
  const { backend, trainer } = setUp({ max_steps: 1e9 }, { signal: slow.signal });
  setTimeout(() => slow.abort(reason), 120);
  await expect(trainer.train()).rejects.toBe(reason);
  expect(backend.seen.length).toBeGreaterThan(1);
});

test('checkpoints in excess are removed where a run was broken off before it did', async () => {
  const given = { num_train_epochs: 3, save_total_limit: 2 };
  const { checkpoints, trainer } = setUp(given);
  await trainer.train();
  const left = await checkpoints.list();
  await checkpoints.save(1, await checkpoints.load(left[0]));
  await setUp(given, { checkpoints }).trainer.train({ resume: true });
  expect(await checkpoints.list()).toEqual(left);
});

test('nothing to resume is a start', async () => {
  const [fresh, resumed] = [setUp({ num_train_epochs: 1 }), setUp({ num_train_epochs: 1 })];
  expect((await resumed.trainer.train({ resume: true })).weights).toEqual((await fresh.trainer.train()).weights);
});

describe('a checkpoint is refused', () => {
  const given = { num_train_epochs: 2, learning_rate: 1e-3 };
  async function resume(
    change: (files: Record<string, Uint8Array>) => Record<string, Uint8Array>,
    options: { given?: Partial<TrainingArguments>; fingerprint?: string } = {},
  ) {
    const { checkpoints, trainer } = setUp(given);
    await trainer.train();
    await checkpoints.save(14, change({ ...(await checkpoints.load(14)) }));
    const { fingerprint = 'these' } = options;
    return setUp({ ...given, ...options.given }, { checkpoints, fingerprint }).trainer.train({ resume: true });
  }
  const state = (change: (json: Record<string, never>) => object) => (files: Record<string, Uint8Array>) => {
    const json = change(JSON.parse(new TextDecoder().decode(files['trainer_state.json'])));
    return { ...files, 'trainer_state.json': new TextEncoder().encode(JSON.stringify(json)) };
  };
  const without = (name: string) => (files: Record<string, Uint8Array>) =>
    Object.fromEntries(Object.entries(files).filter(([key]) => key !== name));
  const own = (json: { stateful_callbacks?: { bertwasm: { attributes: object } } }, attributes: object) => {
    Object.assign(json.stateful_callbacks?.bertwasm.attributes ?? {}, attributes);
    return json;
  };

  test('of other arguments', async () => {
    await expect(resume((files) => files, { given: { learning_rate: 0.01 } })).rejects.toThrow(
      'expected the arguments of the unfinished run, learning_rate 0.001, got 0.01',
    );
  });
  test('of other data', async () => {
    await expect(resume((files) => files, { fingerprint: 'others' })).rejects.toThrow(
      'checkpoint-14/trainer_state.json: expected the data and the encoder of the unfinished run, got others',
    );
  });
  test.each([
    [
      'without a file',
      without('optimizer.safetensors'),
      'checkpoint-14: expected optimizer.safetensors, got no such file',
    ],
    ['without a state', without('trainer_state.json'), 'checkpoint-14: expected trainer_state.json, got no such file'],
    ['of another step', state((json) => ({ ...json, global_step: 7 })), 'global_step: expected 14, got 7'],
    ['of a step too far', state((json) => ({ ...json, global_step: 15 })), 'an integer from 1 to 14, got 15'],
    ['with a loss of text', state((json) => own(json, { total_loss: '1' })), 'total_loss: expected a number, got "1"'],
    [
      'with odd figures',
      state((json) => ({ ...json, log_history: [{ loss: null }] })),
      'log 0: "loss": expected a number',
    ],
    ['without callbacks', state((json) => ({ ...json, stateful_callbacks: {} })), 'expected an object, got undefined'],
    [
      'whose best is not there',
      state((json) => ({ ...json, best_model_checkpoint: 'checkpoint-3' })),
      'expected the best model, checkpoint-3, got no such checkpoint',
    ],
    ['that escapes', state((json) => ({ ...json, best_model_checkpoint: '../7' })), 'expected checkpoint- and a step'],
  ])('%s', async (_, change, message) => {
    await expect(resume(change)).rejects.toThrow(message);
  });
  test('cut anywhere', async () => {
    for (const name of ['head.safetensors', 'optimizer.safetensors', 'trainer_state.json']) {
      for (const left of [0, 7, 8, 9, 40, -2]) {
        const cut = resume((files) => ({ ...files, [name]: files[name].slice(0, left) }));
        await expect(cut).rejects.toMatchObject({ name: 'DataError', message: expect.stringContaining(name) });
      }
    }
  });
  test('with moments that are no numbers', async () => {
    const change = (files: Record<string, Uint8Array>) => {
      const bytes = files['optimizer.safetensors'].slice();
      bytes.fill(0xff, -4);
      return { ...files, 'optimizer.safetensors': bytes };
    };
    await expect(resume(change)).rejects.toThrow('w.exp_avg_sq: expected finite values, got NaN at index 3');
  });
});

describe('a back end that takes several steps at once', () => {
  const runWith = async (stepsAtOnce: number) => {
    const backend = new FakeBackend(stepsAtOnce);
    const args = {
      eval_strategy: 'steps',
      eval_steps: 7,
      save_steps: 14,
      num_train_epochs: 3,
      logging_steps: 2,
    } as const;
    const { trainer } = setUp(args, { backend, metrics: () => ({ accuracy: backend.w[0] }) });
    const { state } = await trainer.train();
    return { backend, log: state.log_history.slice(0, -1), steps: state.max_steps };
  };

  test('gives what single steps give', async () => {
    const [single, several] = [await runWith(1), await runWith(50)];
    expect(several.log).toEqual(single.log);
    expect(several.backend.w).toEqual(single.backend.w);
    expect(several.backend.seen).toEqual(single.backend.seen);
  });

  test('is given no step past one whose weights are evaluated, and no more than it takes', async () => {
    const { backend, steps } = await runWith(50);
    expect(backend.handed.slice(0, -1).every((count) => count === 7)).toBe(true);
    expect(backend.handed.reduce((a, b) => a + b)).toBe(steps);
    expect(Math.max(...(await runWith(3)).backend.handed)).toBe(3);
  });
});

test('rows come in the order that is asked for', async () => {
  const { backend, trainer } = setUp(
    { num_train_epochs: 2 },
    { orderOf: (epoch) => Uint32Array.from({ length: ROWS }, (_, i) => (i + epoch) % ROWS) },
  );
  await trainer.train();
  expect(backend.seen.flat().slice(0, 3)).toEqual([0, 1, 2]);
  expect(backend.seen.flat().slice(ROWS, ROWS + 3)).toEqual([1, 2, 3]);
});
