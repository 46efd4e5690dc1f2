import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, open, readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { wantsColor } from '../../src/cli/output.ts';
import { json, safetensorsFile, tinyConfig, tinyModel, tinyTensors, writeFiles } from '../fixtures/tiny-model.ts';
import { jsonLines, MAIN, workspace } from './bertwasm.ts';

const { path, run, write } = workspace();

describe('bertwasm', () => {
  it('tells its version and its help', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await run(['--version'])).toEqual({ stdout: `${version}\n`, stderr: '', code: 0 });
    const { stdout, stderr, code } = await run(['--help']);
    expect([stderr, code]).toEqual(['', 0]);
    const commands = [...stdout.matchAll(/^ {2}(\w+) \[options\]/gm)].map(([, name]) => name);
    expect(commands).toEqual(expect.arrayContaining(['predict', 'train', 'serve']));
    for (const command of commands) {
      const help = await run([command, '--help']);
      expect(help).toMatchObject({ stderr: '', code: 0 });
      expect(help.stdout).toMatch(new RegExp(`Examples:\n {2}bertwasm ${command}`));
      expect(help.stdout).toContain('--json');
      expect(help.stdout).toContain('--model <dir>');
    }
    expect(await run(['help', 'serve'])).toEqual(await run(['serve', '--help']));
  });

  it.each([
    [[], 'expected a command, got none (bertwasm --help tells them)'],
    [['pedict', 'a'], "unknown command 'pedict' (Did you mean predict?)"],
    [['help', 'nope'], "unknown command 'nope'"],
    [['--modle'], "unknown option '--modle'"],
    [['eval', '--model', 'own'], "missing required argument 'file'"],
    [['quantize', 'hf'], "required option '--out <dir>' not specified"],
    [['info', 'more'], "too many arguments for 'info'. Expected 0 arguments but got 1."],
  ])('%j is a fault of the command line: one line, exit 2', async (args, message) => {
    expect(await run(args)).toMatchObject({ stderr: `bertwasm: ${message}\n`, code: 2 });
  });

  it('a missing model is a fault of the data: one line, exit 1', async () => {
    for (const args of [['predict', 'a'], ['eval', 'hf/vocab.txt'], ['tokenize', 'a'], ['info']]) {
      const { stdout, stderr, code } = await run([...args, '--model', './none']);
      expect(stderr).toMatch(/^bertwasm: \.\/none: expected a model's directory, got [^\n]+\n$/);
      expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    }
  });

  it('finds a model by the name of an installed package', async () => {
    await cp(path('own'), path('node_modules/tiny-model'), { recursive: true });
    expect((await run(['predict', 'a', '--model', 'tiny-model'])).stdout).toBe(
      (await run(['predict', 'a', '--model', 'own'])).stdout,
    );
  });

  it('has no colours where nobody sees them', async () => {
    expect((await run(['predict', 'a', '--model', 'own'], '', { FORCE_COLOR: '1', CI: '1' })).stdout).not.toContain(
      '\x1b',
    );
    expect(wantsColor({ isTTY: true }, {})).toBe(true);
    expect(wantsColor({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColor({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(wantsColor({}, { FORCE_COLOR: '1' })).toBe(false);
  });
});

describe('eval', () => {
  const texts = ['a good film', 'dull', 'it was not bad', 'very very fine', 'quiet'];

  it('compares with labels by id or name', async () => {
    await write('texts.txt', texts.join('\n'));
    const predicted = jsonLines((await run(['predict', 'texts.txt', '--model', 'own'])).stdout).map(
      ({ label }) => label,
    );
    const ids: number[] = predicted.map((label) => (label === 'POSITIVE' ? 1 : 0));
    // The first row is labelled wrong on purpose.
    ids[0] = 1 - ids[0];
    await write('ids.tsv', `label\ttext\n${texts.map((text, i) => `${ids[i]}\t${text}\n`).join('')}`);
    const names = ids.map((id) => ['NEGATIVE', 'POSITIVE'][id]);
    await write('names.jsonl', texts.map((text, i) => `${JSON.stringify({ text, gold: names[i] })}\n`).join(''));

    const byId = await run(['eval', 'ids.tsv', '--model', 'own', '--json']);
    const byName = await run([
      'eval',
      'names.jsonl',
      '--model',
      'own',
      '--json',
      '--label-column',
      'gold',
      '--batch-size',
      '2',
    ]);
    expect(byId.code).toBe(0);
    expect(byName.stdout).toBe(byId.stdout);
    const figures = JSON.parse(byId.stdout);
    expect(figures).toMatchObject({ rows: 5, accuracy: 0.8, truncated: 0, labels: ['NEGATIVE', 'POSITIVE'] });
    expect(figures.confusion_matrix.flat().reduce((a: number, b: number) => a + b)).toBe(5);

    const table = (await run(['eval', 'ids.tsv', '--model', 'own'])).stdout;
    expect(table).toMatch(/^rows +5\naccuracy +0\.8000\n/);
  });

  it.each([
    [
      'e.tsv',
      'label\ttext\n1\ta\n2\tb\n',
      'e.tsv:3: expected a label in "label" ("NEGATIVE", "POSITIVE", or 0 to 1), got "2"',
    ],
    ['e.jsonl', '{"text":"a"}\n', 'e.jsonl:1: expected a field "label", got "text" (--label-column)'],
    ['e.csv', 'label,text\n', 'e.csv: expected labelled rows, got none'],
  ])('tells what is wrong: %s', async (name, contents, message) => {
    await write(name, contents);
    expect(await run(['eval', name, '--model', 'own'])).toEqual({
      stdout: '',
      stderr: `bertwasm: ${message}\n`,
      code: 1,
    });
  });
});

describe('eval of other models', () => {
  it('takes numbers that are names of labels for names', async () => {
    const config = { ...tinyConfig(), id2label: { 0: '1', 1: '5' } };
    await writeFiles(path('numbers'), { ...tinyModel(), 'config.json': json(config) });
    await write('numbers.jsonl', '{"text":"a","label":1}\n{"text":"a","label":"5"}\n');
    const { stdout } = await run(['eval', 'numbers.jsonl', '--model', 'numbers', '--json']);
    expect(JSON.parse(stdout).per_label).toMatchObject([{ support: 1 }, { support: 1 }]);
    await write('numbers.jsonl', '{"text":"a","label":0}\n');
    expect(await run(['eval', 'numbers.jsonl', '--model', 'numbers'])).toEqual({
      stdout: '',
      stderr: 'bertwasm: numbers.jsonl:1: expected a label in "label" ("1", "5"), got 0\n',
      code: 1,
    });
  });

  it.each([
    ['regression', { problem_type: 'regression' }, 'regression'],
    ['one label', { id2label: { 0: 'GOOD' } }, 'one of 1 label'],
  ])('is refused: %s', async (name, settings, got) => {
    const config: Record<string, unknown> = { ...tinyConfig(), ...settings };
    const labels = Object.keys(config.id2label as object).length;
    const tensors = tinyTensors().map((tensor) => {
      if (!tensor.name.startsWith('classifier.')) return tensor;
      const shape = [labels, ...tensor.shape.slice(1)];
      return { ...tensor, shape, bytes: tensor.bytes.subarray(0, 4 * shape.reduce((a, b) => a * b)) };
    });
    await writeFiles(path(name), {
      ...tinyModel(),
      'config.json': json(config),
      'model.safetensors': safetensorsFile(tensors),
    });
    await write('one.tsv', 'label\ttext\n0\ta\n');
    const message = `bertwasm: config.json: problem_type: expected a model of several labels, got ${got}\n`;
    expect(await run(['eval', 'one.tsv', '--model', name])).toEqual({ stdout: '', stderr: message, code: 1 });
  });
});

describe('tokenize', () => {
  it('gives ids, tokens and offsets', async () => {
    const { stdout } = await run(['tokenize', 'Filmed!', '', '--model', 'own', '--json']);
    const [first, empty] = JSON.parse(stdout);
    expect(first).toEqual({
      text: 'Filmed!',
      ids: expect.any(Array),
      tokens: ['[CLS]', 'film', '##ed', '!', '[SEP]'],
      offsets: [
        [0, 0],
        [0, 4],
        [4, 6],
        [6, 7],
        [0, 0],
      ],
    });
    expect(empty.tokens).toEqual(['[CLS]', '[SEP]']);
    expect((await run(['tokenize', 'film', '--model', 'own'])).stdout).toMatch(
      /^token +id +start +end\n\[CLS\] +2 +0 +0\n/,
    );
  });

  it('reads files as a filter', async () => {
    const { stdout } = await run(
      ['tokenize', '-', '--model', 'own', '--max-length', '4'],
      '{"id":7,"text":"one film up"}\n',
    );
    expect(jsonLines(stdout)).toMatchObject([{ id: 7, tokens: ['[CLS]', 'one', 'film', '[SEP]'], truncated: true }]);
    expect(await run(['tokenize', 'a', '--model', 'own', '--max-length', '65'])).toMatchObject({ code: 2 });
  });
});

describe('info', () => {
  it('tells shapes, sizes, memory and files', async () => {
    const own = JSON.parse((await run(['info', '--model', 'own', '--json'])).stdout);
    const hf = JSON.parse((await run(['info', '--model', 'hf', '--json'])).stdout);
    expect(own).toMatchObject({
      layers: 2,
      dim: 32,
      hidden_dim: 64,
      heads: 2,
      vocab_size: 100,
      positions: 64,
      dtype: 'q8',
    });
    expect(hf).toMatchObject({ dtype: 'fp32', outlier_columns: 0, labels: ['NEGATIVE', 'POSITIVE'] });
    expect(hf.parameters).toBe(own.parameters);
    expect(own.memory.total).toBe(own.memory.weights + own.memory.activations);
    const names = own.files.map(({ file }: { file: string }) => file).sort();
    expect(names).toEqual((await readdir(path('own'))).sort());
    expect((await run(['info', '--model', 'own'])).stdout).toMatch(/layers +2\n/);
  });
});

describe('quantize', () => {
  it('makes the form that the engine loads, and leaves an existing directory alone', async () => {
    const { stdout, code } = await run(['quantize', 'hf', '--out', 'made', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ out: 'made', format: 1, dtype: 'q8', outlier_columns: 4 });
    expect((await run(['predict', 'a good film', '--model', 'made'])).code).toBe(0);
    expect(await run(['quantize', 'hf', '--out', 'made'])).toMatchObject({ stdout: '', code: 2 });
    expect(await run(['quantize', '--model', 'hf', '--out', 'made', '--overwrite'])).toMatchObject({ code: 0 });
    expect((await readdir(path())).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('overwrites nothing but what it wrote, and never the checkpoint', async () => {
    await cp(path('own'), path('mixed'), { recursive: true });
    await write('mixed/notes.txt', 'mine');
    for (const [args, message] of [
      [
        ['hf', '--out', 'mixed', '--overwrite'],
        "mixed/notes.txt: expected nothing but the model's files where it is overwritten, got another",
      ],
      [['hf', '--out', './hf/', '--overwrite'], "--out: expected another directory than the checkpoint's, got ./hf/"],
      [['own', '--model', 'hf', '--out', 'x'], 'quantize: expected one checkpoint, got an argument and --model'],
      [['hf', '--out', ''], '--out: expected a directory, got an empty name'],
      [
        ['hf', '--out', 'x', '--outlier-columns', '9'],
        "option '--outlier-columns <n>' argument '9' is invalid. Expected a whole number from 0 to 8.",
      ],
    ] as const) {
      expect(await run(['quantize', ...args])).toEqual({ stdout: '', stderr: `bertwasm: ${message}\n`, code: 2 });
    }
    expect(await readFile(path('mixed/notes.txt'), 'utf8')).toBe('mine');
    expect(await run(['quantize', 'hf', '--out', 'hf/vocab.txt/x'])).toEqual({
      stdout: '',
      stderr: 'bertwasm: hf/vocab.txt/x: expected a directory that can be written, got ENOTDIR\n',
      code: 1,
    });
  });

  it('calibrates with a file, or not at all', async () => {
    await write('calibration.txt', 'a good film\n\nvery dull\n');
    const made = await run([
      'quantize',
      'hf',
      '--out',
      'two',
      '--calibration',
      'calibration.txt',
      '--outlier-columns',
      '2',
    ]);
    expect(made).toMatchObject({ stderr: '', code: 0 });
    expect(await run(['quantize', 'hf', '--out', 'none', '--outlier-columns', '0'])).toMatchObject({
      stderr: '',
      code: 0,
    });
    expect((await run(['predict', 'a good film', '--model', 'none'])).code).toBe(0);
  });

  it('refuses a model that is quantised already', async () => {
    expect(await run(['quantize', 'own', '--out', 'again'])).toMatchObject({ stdout: '', code: 2 });
    await expect(readdir(path('again'))).rejects.toThrow('ENOENT');
  });
});

// Linux alone has a device that is always full.
describe.runIf(existsSync('/dev/full'))('a full disk', () => {
  it.each([
    ['--help'],
    ['predict', '--help'],
    ['--version'],
    ['predict', 'a', '--model', 'own'],
    ['predict', 'hf/vocab.txt', '--model', 'own'],
    ['tokenize', 'a', '--model', 'own'],
    ['info', '--model', 'own'],
  ])('is told on one line: %j', async (...args) => {
    const full = await open('/dev/full', 'w');
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: path(), stdio: ['ignore', full.fd, 'pipe'] });
    let stderr = '';
    child.stderr?.on('data', (text) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    await full.close();
    expect({ stderr, code }).toEqual({ stderr: 'bertwasm: stdout: expected room to write, got ENOSPC\n', code: 1 });
  });
});

describe('shard', () => {
  it('cuts what is over the limit, overwrites only a model, and says what it wants', async () => {
    const cut = await run(['shard', '--out', 'cut', '--max', '10MiB', '--json']);
    expect(cut).toMatchObject({ code: 0, stderr: '' });
    const { files } = JSON.parse(cut.stdout) as { files: { file: string; size: number }[] };
    expect(files.filter(({ file }) => file.includes('.part')).map(({ size }) => size)).toEqual([
      10_485_760, 10_485_760, 2_838_440,
    ]);
    const [whole, parts] = await Promise.all([
      run(['predict', 'a good film', '--json']),
      run(['predict', 'a good film', '--model', 'cut', '--json']),
    ]);
    expect(parts).toEqual(whole);

    expect(await run(['shard', 'own', '--out', 'cut'])).toMatchObject({ code: 2 });
    expect(await run(['shard', 'own', '--out', 'cut', '--overwrite'])).toMatchObject({ code: 0 });
    expect((await readdir(path('cut'))).filter((name) => name.includes('.part'))).toEqual([]);
    expect(await run(['shard', 'hf', '--out', 'other'])).toMatchObject({ code: 2 });
    for (const max of ['0', '5x', '-1', '1e9', 'MiB']) {
      const { code, stderr } = await run(['shard', 'own', '--out', 'other', '--max', max]);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^bertwasm: option '--max <size>' .*\n$/)]);
    }
    const many = await run(['shard', 'own', '--out', 'other', '--max', '1']);
    expect([many.code, many.stderr]).toEqual([
      2,
      expect.stringMatching(/^bertwasm: max: expected at least \d+ bytes for \S+, got 1\n$/),
    ]);
    expect(await readdir(path())).not.toContain('other');
  });
});
