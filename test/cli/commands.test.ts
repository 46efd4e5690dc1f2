import { cp, readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { wantsColor } from '../../src/cli/output.ts';
import { jsonLines, workspace } from './bertwasm.ts';

const { path, run, write } = workspace();

describe('bertwasm', () => {
  it('tells its version and its help', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await run(['--version'])).toEqual({ stdout: `${version}\n`, stderr: '', code: 0 });
    const { stdout, code } = await run(['--help']);
    for (const command of ['predict', 'eval', 'quantize', 'tokenize', 'info']) {
      expect(stdout).toContain(command);
      const help = await run([command, '--help']);
      expect(help).toMatchObject({ stderr: '', code: 0 });
      expect(help.stdout).toMatch(new RegExp(`Examples:\n {2}bertwasm ${command}`));
      expect(help.stdout).toContain('--json');
      expect(help.stdout).toContain('--model <dir>');
      expect(await run(['help', command])).toEqual(help);
    }
    expect(code).toBe(0);
  });

  it.each([
    [[], 'expected a command, got none (bertwasm --help tells them)'],
    [['pedict', 'a'], "unknown command 'pedict' (Did you mean predict?)"],
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
    ['e.tsv', 'label\ttext\n1\ta\n2\tb\n', 'e.tsv:3: expected a label in "label" (0, 1, NEGATIVE, POSITIVE), got "2"'],
    ['e.jsonl', '{"text":"a"}\n', 'e.jsonl:1: expected a label in "label" (0, 1, NEGATIVE, POSITIVE), got undefined'],
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
