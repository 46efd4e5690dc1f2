import { once } from 'node:events';
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { killAt } from '../fixtures/kill.ts';
import { tinyOwnModel, writeFiles } from '../fixtures/tiny-model.ts';
import { smallDisk } from '../platform/small-disk.ts';
import { jsonLines, workspace } from './bertwasm.ts';

const { path, run, start, write } = workspace();
const GOLDEN = fileURLToPath(new URL('../golden/data/', import.meta.url));
const ENCODER = ['--model', 'encoder'];

const TEXTS = ['a good film', 'dull', 'we saw it up', 'very very fine', 'not bad', 'the day was quiet'];
/** 60 rows whose last word tells the label. */
const ROWS = Array.from({ length: 60 }, (_, i) => {
  const label = i % 2 ? 'good' : 'bad';
  return { text: `${TEXTS[i % 6]} ${i % 5} ${label}`, label };
});
const TSV = `label\ttext\n${ROWS.map(({ text, label }) => `${label}\t${text}\n`).join('')}`;
const CONLL = Array.from(
  { length: 30 },
  (_, i) => `we\tO\nsaw\tO\n${i % 2 ? 'moving\tB-PER\nday\tI-PER' : 'quiet\tO\nfilm\tO'}\n`,
).join('\n');

beforeAll(async () => {
  await writeFiles(path('encoder'), await tinyOwnModel('none'));
  await write('rows.tsv', TSV);
  await write('dev.tsv', 'text\tlabel\na quiet day bad\tbad\nvery fine good\tgood\n');
  await write('train.conll', CONLL);
});

/** Every file below a directory of the workspace. */
async function snapshot(name: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(path(name), { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) files[entry.name] = (await readFile(`${entry.parentPath}/${entry.name}`)).toString('hex');
  }
  return files;
}

async function trainJson(...args: string[]) {
  const { stdout, stderr, code } = await run(['train', ...args, ...ENCODER, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe('a training', () => {
  it('makes a model that predict and eval take', async () => {
    const { stdout, stderr, code } = await run(['train', 'rows.tsv', '--out', 'first', ...ENCODER]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^model +first\nrows +54 to train on, 6 to evaluate on\nloss +\d\.\d{4}\naccuracy +\d/);
    expect(stdout).toContain('bertwasm predict --model first');
    const lines = stderr.split('\n');
    expect(lines.slice(0, 2)).toEqual(['rows.tsv: 60 rows (text, label)', 'labels: "bad" 30, "good" 30']);
    expect(lines[2]).toMatch(/^features: 60 rows in \d+\.\d s, \d+\/s$/);
    expect(lines[3]).toMatch(/^epoch +step +loss +eval_loss +eval_accuracy/);
    expect(lines.slice(4, -1).map((line) => line.split(/ +/)[0])).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '10',
    ]);
    expect((await readdir(path('first'))).sort().slice(-4)).toEqual([
      'config.json',
      'head.safetensors',
      'report.html',
      'trainer_state.json',
    ]);
    const evaluated = JSON.parse((await run(['eval', 'dev.tsv', '--model', 'first', '--json'])).stdout);
    expect(evaluated).toMatchObject({ rows: 2, labels: ['bad', 'good'] });
    // A checkpoint is a model too.
    const checkpoint = (await readdir(path('first'))).find((name) => name.startsWith('checkpoint-'));
    expect((await run(['predict', 'a film', '--model', `first/${checkpoint}`])).code).toBe(0);
  });

  it('learns what tells the rows apart', async () => {
    await trainJson('rows.tsv', '--out', 'learned', '--learning-rate', '0.05');
    const texts = ROWS.map(({ text }) => text);
    const { stdout } = await run(['predict', ...texts, '--model', 'learned', '--json']);
    expect(JSON.parse(stdout).map(({ label }: { label: string }) => label)).toEqual(ROWS.map(({ label }) => label));
  });

  it('tells its figures under plain names, takes labels by id and arguments of transformers', async () => {
    await write(
      'ids.jsonl',
      ROWS.map(({ text, label }) => `${JSON.stringify({ text, label: label === 'good' ? 1 : 0 })}\n`).join(''),
    );
    const figures = await trainJson(
      ...['ids.jsonl', '--out', 'second', '--labels', 'NEGATIVE,POSITIVE', '--validation-file', 'ids.jsonl'],
      ...['--max-eval-samples', '20', '--max-train-samples', '40', '--num-train-epochs', '3', '--head', 'distilbert'],
      ...['--pooling', 'cls', '--per-device-train-batch-size', '8', '--learning-rate', '5e-3', '--seed', '3'],
    );
    expect(figures).toMatchObject({
      out: 'second',
      encoder: 'encoder',
      task: 'text-classification',
      labels: ['NEGATIVE', 'POSITIVE'],
      rows: 40,
      eval_rows: 20,
      skipped_rows: 0,
      epoch: 3,
      steps: 15,
    });
    for (const name of ['accuracy', 'f1', 'loss', 'train_runtime', 'train_loss']) {
      expect(figures[name], name).toEqual(expect.any(Number));
    }
    const state = JSON.parse(await readFile(path('second/trainer_state.json'), 'utf8'));
    expect(state.stateful_callbacks.bertwasm.args).toMatchObject({ learning_rate: 5e-3, seed: 3, pooling: 'cls' });
  });

  it('reads gzip, CSV with another column, and rows of several labels', async () => {
    await write('rows.tsv.gz', gzipSync(TSV));
    expect(await trainJson('rows.tsv.gz', '--out', 'gz')).toMatchObject({ rows: 54, eval_rows: 6 });
    await write(
      'several.csv',
      `review,labels\n${ROWS.map(({ text, label }, i) => `${text},${label}${i % 3 ? ' | late' : ''}\n`).join('')}`,
    );
    expect(await trainJson('several.csv', '--out', 'several', '--label-separator', '|')).toMatchObject({
      labels: ['bad', 'good', 'late'],
    });
    const lines = ROWS.map(({ text, label }, i) => JSON.stringify({ text, label: i % 3 ? [label, 'late'] : [] }));
    await write('several.jsonl', lines.join('\n'));
    const { stdout } = await run(['eval', 'several.jsonl', '--model', 'several', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 60, f1: expect.any(Number), per_label: { length: 3 } });
  });

  it('reads parquet, its labels in the order that it declares', async () => {
    const parquet = `${GOLDEN}sentiment.parquet`;
    expect(await trainJson(parquet, '--out', 'parquet', '--validation-split', '0')).toMatchObject({
      labels: ['bad', 'good'],
      rows: 6,
      eval_rows: 0,
    });
    expect(
      await trainJson(`${GOLDEN}tokens-old.parquet`, '--out', 'parquet-ner', '--validation-split', '0'),
    ).toMatchObject({
      task: 'token-classification',
      labels: ['O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC'],
    });
    const { stdout } = await run(['eval', parquet, '--model', 'parquet', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 6 });
    expect(jsonLines((await run(['predict', parquet, '--model', 'parquet'])).stdout)).toHaveLength(6);
  });

  it('takes tokens, for entities', async () => {
    const figures = await trainJson(
      'train.conll',
      '--out',
      'ner',
      '--num-train-epochs',
      '30',
      '--learning-rate',
      '0.02',
    );
    expect(figures).toMatchObject({ task: 'token-classification', labels: ['O', 'B-PER', 'I-PER'], f1: 1 });
    const evaluated = JSON.parse((await run(['eval', 'train.conll', '--model', 'ner', '--json'])).stdout);
    expect(evaluated).toMatchObject({ rows: 30, f1: 1, precision: 1, recall: 1, accuracy: 1, truncated: 0 });
    expect(evaluated.per_type).toEqual([{ type: 'PER', precision: 1, recall: 1, f1: 1, support: 15 }]);
    expect((await run(['eval', 'train.conll', '--model', 'ner'])).stdout).toMatch(
      /PER +1\.0000 +1\.0000 +1\.0000 +15\n$/,
    );

    const table = await run(['predict', 'we saw moving day', '--model', 'ner']);
    expect(table.stdout).toMatch(/^entity +score +word +start +end\nPER +\d\.\d{4} +moving day +7 +17\n$/);
    const [first] = JSON.parse((await run(['predict', 'we saw moving day', '--model', 'ner', '--json'])).stdout);
    expect(first.entities).toMatchObject([{ entity_group: 'PER', word: 'moving day', start: 7, end: 17 }]);
    const none = ['--aggregation-strategy', 'none'];
    const [line] = jsonLines(
      (await run(['predict', 'train.conll', '--model', 'ner', ...none])).stdout.replace(/^.*\n/, ''),
    );
    expect(line).toMatchObject({ text: 'we saw moving day', ner_tags: ['O', 'O', 'B-PER', 'I-PER'] });
    expect((line.entities as { entity: string }[]).map(({ entity }) => entity)).toEqual(['B-PER', 'I-PER']);
    const sentences = await run(['predict', `${GOLDEN}tokens.parquet`, '--model', 'ner']);
    expect(jsonLines(sentences.stdout)[1]).toMatchObject({ text: 'Nobody came', tokens: ['Nobody', 'came'] });
    expect(await run(['predict', 'a', '--model', 'ner', '--top-k', '2'])).toMatchObject({
      code: 2,
      stderr: 'bertwasm: --top-k: expected a model for texts, got one for tokens\n',
    });
  });

  it('tells how many rows were cut', async () => {
    const args = ['train', 'rows.tsv', '--out', 'cut', ...ENCODER, '--max-length', '4', '--json'];
    const { stdout, stderr } = await run(args);
    expect(stderr).toContain('\n60 of 60 rows were cut at 4 tokens (--max-length)\n');
    expect(JSON.parse(stdout)).toMatchObject({ rows: 54, eval_rows: 6, truncated: 60 });
  });

  it('copies the encoder with --standalone', async () => {
    await trainJson('rows.tsv', '--out', 'alone', '--standalone');
    await cp(path('alone'), path('elsewhere/alone'), { recursive: true });
    const there = await run(['predict', 'a film', '--model', 'elsewhere/alone']);
    expect(there.stdout).toBe((await run(['predict', 'a film', '--model', 'first'])).stdout);
  });

  it('spills features to a file, which nobody sees, for the same head', async () => {
    await trainJson('rows.tsv', '--out', 'spilled', '--cache-mb', '0');
    expect((await snapshot('spilled'))['head.safetensors']).toBe((await snapshot('first'))['head.safetensors']);
  });
});

describe('an end before the end', () => {
  it('Ctrl-C keeps the checkpoints, and --resume goes on', async () => {
    const child = start(['train', 'rows.tsv', '--out', 'stopped', ...ENCODER, '--num-train-epochs', '20000']);
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    while (!(await readdir(path('stopped.training')).catch(() => [])).some((name) => name.startsWith('checkpoint-'))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(stderr).toMatch(/\nbertwasm: stopped; --resume goes on from step \d+\n$/);
    expect(await run(['train', 'rows.tsv', '--out', 'stopped', ...ENCODER])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /stopped\.training: expected no unfinished training, got one of \d+ steps \(--resume/,
      ),
    });
    const other = await run(['train', 'rows.tsv', '--out', 'stopped', ...ENCODER, '--resume', '--seed', '1']);
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/expected the arguments of the unfinished run/),
    });
    const [newest] = (await readdir(path('stopped.training'))).filter((name) => name.startsWith('checkpoint-'));
    expect(newest).toBeDefined();
    await rm(path('stopped.training'), { recursive: true });
  });

  it('a replacement killed between its renames is finished by the next training', async () => {
    const args = ['train', 'rows.tsv', '--out', 'replaced', ...ENCODER];
    await run(args);
    expect((await run([...args, '--overwrite', '--seed', '1'], '', killAt('rename [.]training$'))).code).toBe(null);
    expect((await readdir(path())).filter((name) => name === 'replaced')).toEqual([]);
    expect(await run([...args, '--resume', '--seed', '1'])).toMatchObject({ stderr: 'replaced: finished already\n' });
    expect((await readdir(path())).filter((name) => name.includes('replaced'))).toEqual(['replaced']);
  });

  it('a finished one is not begun again', async () => {
    const args = ['train', 'rows.tsv', '--out', 'first', ...ENCODER, '--resume'];
    const before = await snapshot('first');
    await writeFiles(path('other'), await tinyOwnModel('none', 2));
    expect(await run(args)).toEqual({ stdout: '', stderr: 'first: finished already\n', code: 0 });
    expect(await run([...args, '--seed', '7'])).toEqual({
      stdout: '',
      stderr:
        'bertwasm: first: expected what the finished training was given, seed 42, got 7 (--overwrite trains anew)\n',
      code: 2,
    });
    for (const [other, told] of [
      [['--max-length', '4'], 'max_length null, got 4'],
      [['--labels', 'x,y'], 'labels '],
      [['--standalone'], 'standalone false, got true'],
      [['--model', 'other'], 'the encoder with SHA-256 '],
      [['--model', 'hf'], 'the encoder with SHA-256 '],
    ] as const) {
      const { stderr, code } = await run([...args, ...other]);
      expect(stderr).toContain(`expected what the finished training was given, ${told}`);
      expect(code).toBe(2);
    }
    expect(await snapshot('first')).toEqual(before);
  });
});

describe('--full', () => {
  const FULL = ['train', 'rows.tsv', '--full', '--learning-rate', '2e-3', '--num-train-epochs', '2'];

  it('makes a model in the form of transformers, and a quantised one', async () => {
    const { stdout, stderr, code } = await run([...FULL, '--out', 'full', ...ENCODER]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('bertwasm predict --model full/q8');
    expect((await readdir(path('full'))).sort()).toEqual([
      'README.md',
      ...['checkpoint-4', 'checkpoint-8'].sort(),
      'config.json',
      'model.safetensors',
      'q8',
      'report.html',
      'tokenizer.json',
      'tokenizer_config.json',
      'trainer_state.json',
    ]);
    for (const model of ['full', 'full/q8', 'full/checkpoint-8']) {
      const result = await run(['predict', '--model', model, 'very fine good']);
      expect(result.stdout, result.stderr).toMatch(/^(good|bad) +0\.\d{4} +very fine good$/m);
    }
  });

  it('is overwritten whole, whatever it replaces, and nothing else is', async () => {
    await run([...FULL, '--out', 'over', ...ENCODER]);
    expect((await run([...FULL, '--out', 'over', ...ENCODER])).stderr).toContain(
      'over: expected a directory that does not exist yet',
    );
    await write('over/q8/notes.txt', 'mine');
    expect((await run([...FULL, '--out', 'over', '--overwrite', ...ENCODER])).stderr).toContain(
      "over/q8/notes.txt: expected nothing but the model's files where it is overwritten",
    );
    await rm(path('over/q8/notes.txt'));
    expect((await run([...FULL, '--out', 'over', '--overwrite', '--seed', '5', ...ENCODER])).code).toBe(0);
    expect((await run(['train', 'rows.tsv', '--out', 'over', '--overwrite', ...ENCODER])).code).toBe(0);
    expect(await readdir(path('over'))).not.toContain('q8');
    expect((await run([...FULL, '--out', 'over', '--overwrite', ...ENCODER])).code).toBe(0);
    expect((await readdir(path())).filter((name) => name.includes('over'))).toEqual(['over']);
  });

  it('killed and resumed, the same files', async () => {
    await run([...FULL, '--out', 'whole', ...ENCODER]);
    expect((await run([...FULL, '--out', 'broken', ...ENCODER], '', killAt('rename checkpoint-8$'))).code).toBe(null);
    expect((await run([...FULL, '--out', 'broken', '--resume', ...ENCODER])).code).toBe(0);
    for (const file of ['model.safetensors', 'q8/encoder.safetensors', 'q8/head.safetensors', 'README.md']) {
      expect((await readFile(path(`broken/${file}`))).equals(await readFile(path(`whole/${file}`))), file).toBe(true);
    }
  });

  it.each([
    [['--standalone'], '--standalone: expected none with --full, whose models stand alone'],
    [['--pooling', 'mean'], "full training: expected transformers' own head"],
    [['--device', 'tpu'], "option '--device <name>' argument 'tpu' is invalid"],
  ])('%j is refused', async (args, told) => {
    const { stderr, code } = await run([...FULL, '--out', 'refused', ...args, ...ENCODER]);
    expect(stderr).toContain(told);
    expect(code).toBe(2);
    expect((await readdir(path())).filter((name) => name.includes('refused'))).toEqual([]);
  });

  it('a finished one that lost a part is not whole', async () => {
    const args = [...FULL, '--out', 'parts', ...ENCODER, '--resume'];
    await run(args);
    expect(await run(args)).toMatchObject({ stderr: 'parts: finished already\n', code: 0 });
    await rm(path('parts/q8/encoder.safetensors'));
    const { stderr, code } = await run(args);
    expect(stderr).toContain('parts/q8/encoder.safetensors: expected as config.json lists it, got no such file');
    expect(code).toBe(1);
    await rm(path('parts/model.safetensors'));
    expect((await run(args)).stderr).toContain('parts: expected model.safetensors');
  });

  it.each([
    [['--device', 'cpu'], '--device: expected none without --full: a head trains in WebAssembly'],
    [['--no-tf32'], '--no-tf32: expected none without --full: a head trains in WebAssembly'],
    [['--full', '--cache-mb', '9'], '--cache-mb: expected none with --full, which keeps no features'],
    [['--full', '--standalone'], '--standalone: expected none with --full, whose models stand alone'],
  ])('%j is of the other kind of training', async (options, told) => {
    const { stderr, code } = await run(['train', 'rows.tsv', '--out', 'refused', ...options, ...ENCODER]);
    expect(stderr).toBe(`bertwasm: ${told}\n`);
    expect(code).toBe(2);
  });
});

describe('faults leave the previous model as it is, and nothing beside it', () => {
  const JSONL = '{"text":"a","label":"x"}\n';
  it.each<[string, string, string, string[], number, string]>([
    [
      'a broken row',
      'bad.csv',
      'text,label\na,x\nb\nc,y\nd,\n',
      [],
      1,
      'bad.csv:3: expected 2 fields, got 1; bad.csv:5: expected a label in "label", got "" (--skip-bad-rows leaves them out)',
    ],
    [
      'many broken rows',
      'bad.jsonl',
      `${JSONL}{"text":\n5\n${'{"text":"a"}\n'.repeat(9)}`,
      [],
      1,
      'bad.jsonl:2: expected a JSON object, got "{\\"text\\":" (plain lines: --input-format txt); ' +
        'bad.jsonl:3: expected a JSON object, got 5; bad.jsonl:4: expected a label in "label", got no such field; ' +
        'and 8 more rows at fault (--skip-bad-rows leaves them out)',
    ],
    [
      'a tag of no scheme',
      'bad.conll',
      'a\tO\nb\tX\n',
      [],
      1,
      'bad.conll:2: expected a tag, O or one of B-, I-, E- and S- with a type, got "X" (--skip-bad-rows leaves it out)',
    ],
    [
      'a label never seen',
      'bad.tsv',
      'label\ttext\ngood\ta\nworse\tb\n',
      ['--validation-file', 'bad.tsv'],
      1,
      'bad.tsv:3: expected a label in "label" ("bad", "good", or 0 to 1), got "worse" (--skip-bad-rows leaves it out)',
    ],
    ['an empty file', 'empty.csv', '', [], 1, 'empty.csv: expected labelled rows, got none'],
    ['no rows', 'none.csv', 'text,label\n', [], 1, 'none.csv: expected labelled rows, got none'],
    [
      'no such column',
      'other.csv',
      'a,b\n1,2\n',
      [],
      1,
      'other.csv:2: expected a field "text", got "a", "b" (--text-column)',
    ],
    [
      'two columns of texts',
      'two.csv',
      'review,content,label\na,b,c\n',
      [],
      1,
      'two.csv:2: expected --text-column, since there are "review", "content", got none',
    ],
    [
      'one class only',
      'one.jsonl',
      JSONL.repeat(4),
      [],
      1,
      'one.jsonl: expected rows of at least two labels, got "x" alone',
    ],
    [
      'a learning rate that is none',
      'rows.tsv',
      TSV,
      ['--learning-rate', 'NaN'],
      2,
      'learning_rate: expected a number above 0, got NaN',
    ],
    ['an unknown metric', 'rows.tsv', TSV, ['--metric-for-best-model', 'bleu'], 2, 'metric_for_best_model: expected'],
    [
      'an encoder of floats',
      'rows.tsv',
      TSV,
      ['--model', 'hf'],
      2,
      'hf: expected a quantised model (bertwasm quantize makes one), got one of floats',
    ],
    [
      'the encoder as output',
      'rows.tsv',
      TSV,
      ['--out', 'encoder'],
      2,
      "--out: expected another directory than the encoder's, got encoder",
    ],
  ])('%s', async (_, name, contents, args, exit, message) => {
    await write(name, contents);
    const before = await snapshot('first');
    const entries = await readdir(path());
    const file = args[0] === '--validation-file' ? 'rows.tsv' : name;
    const { stdout, stderr, code } = await run(['train', file, '--out', 'first', '--overwrite', ...ENCODER, ...args]);
    const last = stderr.trimEnd().split('\n').at(-1);
    expect(last?.slice(0, `bertwasm: ${message}`.length)).toBe(`bertwasm: ${message}`);
    expect({ stdout, code }).toEqual({ stdout: '', code: exit });
    expect(await snapshot('first')).toEqual(before);
    expect(await readdir(path())).toEqual(entries);
  });

  it('rows at fault are left out and counted with --skip-bad-rows', async () => {
    await write('skip.csv', `text,label\n${ROWS.map(({ text, label }) => `${text},${label}\n`).join('')}b\nc,\n`);
    const { stdout, stderr } = await run([
      'train',
      'skip.csv',
      '--out',
      'skip',
      ...ENCODER,
      '--skip-bad-rows',
      '--json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 54, eval_rows: 6, skipped_rows: 2 });
    expect(stderr).toContain(
      'skip.csv: 2 rows left out: skip.csv:62: expected 2 fields, got 1; skip.csv:63: expected a label',
    );
  });

  it('labels that cannot be printed, or stand twice, are faults of their rows', async () => {
    const rows = ROWS.map(({ text, label }) => `${JSON.stringify({ text, label })}\n`).join('');
    const wrong = ['x\ny', 'x'.repeat(201)].map((label) => JSON.stringify({ text: 'odd', label }));
    await write('odd.jsonl', `${rows}${wrong.join('\n')}\n`);
    const skipped = await run(['train', 'odd.jsonl', '--out', 'odd', ...ENCODER, '--skip-bad-rows']);
    expect(skipped.stderr).toContain('odd.jsonl: 2 rows left out: odd.jsonl:61: expected a label of plain text');
    expect(skipped.stdout).toMatch(/^rows +54 to train on, 6 to evaluate on$/m);
    await write('twice.jsonl', '{"text":"a","label":["x"]}\n{"text":"b","label":["x","y","x"]}\n');
    expect(await run(['train', 'twice.jsonl', '--out', 'twice', ...ENCODER])).toMatchObject({
      stderr: expect.stringContaining('twice.jsonl:2: expected each label once, got ["x","y","x"]'),
      code: 1,
    });
  });

  it.each(['good', 'good,bad,good', 'good,'])('names of labels that are none: %s', async (labels) => {
    const { stderr, code } = await run(['train', 'rows.tsv', '--out', 'named', '--labels', labels, ...ENCODER]);
    expect(stderr).toContain('Expected at least two names that differ');
    expect(code).toBe(2);
  });

  it('a model whose encoder is elsewhere now', async () => {
    await cp(path('first'), path('moved/away/first'), { recursive: true });
    const { stderr, code } = await run(['predict', '--model', 'moved/away/first', 'a good film']);
    expect(stderr).toContain(
      'moved/away/encoder/tokenizer.json: expected as the encoder that moved/away/first/config.json',
    );
    expect(stderr).toContain('names, ../encoder, got no such file');
    expect(code).toBe(1);
  });

  it('nothing to resume is told', async () => {
    const { stderr, code } = await run(['train', 'rows.tsv', '--out', 'unbegun', ...ENCODER, '--resume']);
    expect(stderr).toContain('unbegun.training: no checkpoint to go on from: training starts at its first step');
    expect(code).toBe(0);
  });

  it('a full disk', async (context) => {
    const disk = await smallDisk(path('disk'), 100);
    if (!disk) context.skip('needs a right to mount');
    try {
      await cp(path('second'), path('disk/model'), {
        recursive: true,
        filter: (file) => !file.includes('checkpoint-'),
      });
      const before = await snapshot('disk/model');
      const args = ['train', 'rows.tsv', '--out', 'disk/model', '--overwrite', '--model', path('encoder')];
      let room = 0;
      while (!(await write('disk/filler', new Uint8Array(room + 4096)).catch(() => true))) room += 4096;
      await write('disk/filler', new Uint8Array(room - 2 * 4096)); // enough to begin
      const { stderr, code } = await run(args);
      expect(stderr).toMatch(
        /bertwasm: \S+disk\/model\.training\/checkpoint-\d+: expected room on the disk, got ENOSPC\n$/,
      );
      expect(code).toBe(1);
      expect(await snapshot('disk/model')).toEqual(before);
      const spilled = await run([...args, '--cache-mb', '0']);
      expect(spilled.stderr).toMatch(/bertwasm: \S+disk: expected room for the cached features, got ENOSPC\n$/);
      expect(await snapshot('disk/model')).toEqual(before);
      expect((await readdir(path('disk'))).sort()).toEqual(['filler', 'model']);
    } finally {
      await disk?.unmount();
    }
  });
});
