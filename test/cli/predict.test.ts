import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { jsonLines, workspace } from './bertwasm.ts';

const { run, start, write } = workspace();
const MODEL = ['--model', 'own'];
const LABEL = /^(POSITIVE|NEGATIVE)$/;

describe('texts', () => {
  it('give a table', async () => {
    const { stdout, stderr, code } = await run(['predict', ...MODEL, 'a good film', 'dull']);
    expect(stdout).toMatch(
      /^(POSITIVE|NEGATIVE) {2}0\.\d{4} {2}a good film\n(POSITIVE|NEGATIVE) {2}0\.\d{4} {2}dull\n$/,
    );
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });

  it('give one JSON document with --json', async () => {
    const { stdout } = await run(['predict', ...MODEL, '--json', '--top-k', 'all', 'a good film', '']);
    const [first, empty] = JSON.parse(stdout);
    expect(first).toMatchObject({ text: 'a good film', label: expect.stringMatching(LABEL), tokens: 5 });
    expect(first.labels).toHaveLength(2);
    expect(first.labels[0]).toEqual({ label: first.label, score: first.score });
    expect(empty.tokens).toBe(2);
  });

  it('tell when they were cut; windows read the rest', async () => {
    const long = Array(100).fill('film').join(' ');
    expect((await run(['predict', ...MODEL, long])).stdout).toContain('(cut after 64 tokens)');
    const cut = JSON.parse((await run(['predict', ...MODEL, '--json', '--max-length', '9', long])).stdout);
    expect(cut[0]).toMatchObject({ tokens: 9, truncated: true });
    const windows = JSON.parse((await run(['predict', ...MODEL, '--json', '--stride', '8', long])).stdout);
    expect(windows[0].tokens).toBeGreaterThan(100);
    expect(windows[0].truncated).toBeUndefined();
  });

  it('are not confused with files', async () => {
    const { stdout } = await run(['predict', ...MODEL, 'see film.txt']);
    expect(stdout).toContain('see film.txt');
    expect(await run(['predict', ...MODEL, 'film.txt'])).toMatchObject({
      code: 1,
      stderr: 'bertwasm: film.txt: expected a readable file, got ENOENT\n',
    });
  });

  it('are not confused with files of any other name', async () => {
    await write('notes.log', 'dull\n');
    for (const command of ['predict', 'tokenize']) {
      for (const name of ['notes.log', 'own']) {
        expect(await run([command, name, ...MODEL])).toEqual({
          stdout: '',
          stderr: `bertwasm: ${name}: expected a text, got the name of a file (to read it: --input-format jsonl, csv, tsv, txt, conll, parquet)\n`,
          code: 2,
        });
      }
      const { stdout } = await run([command, 'notes.log', ...MODEL, '--input-format', 'txt']);
      expect(jsonLines(stdout)).toMatchObject([{ text: 'dull' }]);
      const text = await run([command, 'dull.log', ...MODEL, '--input-format', 'txt']);
      expect(text).toMatchObject({ stdout: expect.stringMatching(/dull/), code: 0 });
    }
  });

  it('do nothing to a terminal, whatever they hold', async () => {
    const text = '\x1b[2J\x9b31m\r\n\u202edull';
    const table = await run(['predict', ...MODEL, text]);
    expect(table.stdout).toMatch(/ {2}\\u001b\[2J\\u009b31m\\r\\n\\u202edull\n$/);
    const error = await run(['predict', ...MODEL, '\x1b[2J.txt']);
    expect(error.stderr).toBe('bertwasm: \\u001b[2J.txt: expected a readable file, got ENOENT\n');
    const option = await run(['predict', '--\x1b[2J']);
    expect(option.stderr).toBe("bertwasm: unknown option '--\\u001b[2J'\n");
  });
});

describe('files', () => {
  const rows = Array.from({ length: 300 }, (_, i) => ({ id: i, text: `film ${'very '.repeat(i % 40)}${i}` }));

  it('give JSONL in order, with the fields of the row', async () => {
    await write('rows.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const { stdout, code } = await run(['predict', ...MODEL, 'rows.jsonl']);
    expect(code).toBe(0);
    const lines = jsonLines(stdout);
    expect(lines.map(({ id, text }) => ({ id, text }))).toEqual(rows);
    expect(lines.every(({ label }) => LABEL.test(label as string))).toBe(true);
    const stdin = await run(
      ['predict', ...MODEL, '-', '--batch-size', '7'],
      rows.map((row) => JSON.stringify(row)).join('\n'),
    );
    expect(stdin.stdout).toBe(stdout);
  });

  it('replaces label and score, keeps the digits of long numbers', async () => {
    const { stdout } = await run(
      ['predict', ...MODEL, '-'],
      '{"id":12345678901234567891,"text":"dull"}\n{"label":"7","text":"dull","score":null}\n',
    );
    const [first, second] = stdout.split('\n');
    expect(first).toMatch(/^\{"id":12345678901234567891,"text":"dull","label":"[A-Z]+","score":0\.\d+\}$/);
    expect(second).toMatch(/^\{"label":"[A-Z]+","text":"dull","score":0\.\d+\}$/);
  });

  it('leaves no trace of an earlier run', async () => {
    const { stdout } = await run(
      ['predict', ...MODEL, '-'],
      '{"truncated":true,"text":"dull","labels":[{"label":"A","score":1}],"id":7}\n',
    );
    expect(jsonLines(stdout)).toEqual([
      { text: 'dull', id: 7, label: expect.stringMatching(LABEL), score: expect.any(Number) },
    ]);
  });

  it('CSV: quotes, newlines in quotes, CRLF, BOM, no newline at the end', async () => {
    await write('a.csv', '\uFEFFid,text\r\n1,"a ""good"" film,\r\nvery good"\r\n\r\n2,dull');
    const { stdout, code } = await run(['predict', ...MODEL, 'a.csv']);
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([
      { id: '1', text: 'a "good" film,\r\nvery good' },
      { id: '2', text: 'dull' },
    ]);
  });

  it('TSV knows no quotes; the text may have another name', async () => {
    await write('a.tsv', 'review\tid\n"quiet\t1\nmoving "film"\t2\n');
    const { stdout } = await run(['predict', ...MODEL, 'a.tsv', '--text-column', 'review']);
    expect(jsonLines(stdout)).toMatchObject([
      { review: '"quiet', id: '1' },
      { review: 'moving "film"', id: '2' },
    ]);
  });

  it('plain lines: one row a line, blank ones too; --file and --input-format name any file', async () => {
    await write('notes.log', '\uFEFFgood\r\n\ndull');
    const { stdout } = await run(['predict', ...MODEL, '--file', 'notes.log', '--input-format', 'txt']);
    expect(jsonLines(stdout).map(({ text }) => text)).toEqual(['good', '', 'dull']);
    expect(await run(['predict', ...MODEL, '--file', 'notes.log'])).toMatchObject({ code: 2 });
  });

  it.each(['e.jsonl', 'e.csv', 'e.tsv', 'e.txt'])('an empty file gives nothing: %s', async (name) => {
    await write(name, '');
    expect(await run(['predict', ...MODEL, name])).toEqual({ stdout: '', stderr: '', code: 0 });
  });
});

describe('bad rows end with file and line, after the rows ahead of them', () => {
  it.each<[string, string | Uint8Array, number, string]>([
    [
      'b.jsonl',
      '{"text":"a"}\n{"text":',
      1,
      'b.jsonl:2: expected a JSON object, got "{\\"text\\":" (plain lines: --input-format txt)',
    ],
    ['b.jsonl', '\n{"text":"a"}\n["b"]\n{"text":"c"}\n', 1, 'b.jsonl:3: expected a JSON object, got ["b"]'],
    ['b.jsonl', '{"text":"a"}\n{"txt":"b"}', 1, 'b.jsonl:2: expected a field "text", got "txt" (--text-column)'],
    ['b.jsonl', '{"text":"a"}\n{"text":5}', 1, 'b.jsonl:2: expected a string in "text", got 5'],
    ['b.csv', 'text,id\na,1\nb\n', 1, 'b.csv:3: expected 2 fields, got 1'],
    ['b.csv', 'text,id\na,1\n"b,2\n', 1, 'b.csv:3: expected a closing quote, got the end of the file'],
    ['b.csv', 'text,id\na,1\nb "c",2\n', 1, 'b.csv:3: expected quotes only around a whole field, got one inside'],
    ['b.csv', 'text,id\na,1\n"b" c,2\n', 1, 'b.csv:3: expected a comma after a closing quote, got other text'],
    ['b.csv', 'text,text\na,1\n', 0, 'b.csv:1: expected columns of different names, got "text" twice'],
    ['b.csv', 'txt,id\na,1\n', 0, 'b.csv:1: expected a field "text", got "txt", "id" (--text-column)'],
    ['b.tsv', 'txt\tid\n', 0, 'b.tsv:1: expected a field "text", got "txt", "id" (--text-column)'],
    [
      'b.csv',
      '1,2,3,4,5,6,7,8,9,10\n',
      0,
      'b.csv:1: expected a field "text", got "1", "2", "3", "4", "5", "6", "7", "8" and 2 more (--text-column)',
    ],
    ['b.csv', 'text,id\ra,1\r', 0, 'b.csv:1: expected lines that end in LF or CRLF, got a lone CR'],
    ['b.txt', 'good\rdull\r', 0, 'b.txt:1: expected lines that end in LF or CRLF, got a lone CR'],
    ['b.txt', Buffer.from('good\nbad \xff byte\nlate\n', 'latin1'), 1, 'b.txt:2: expected UTF-8 text, got other bytes'],
    ['b.txt', Buffer.from('\xe9t\xe9', 'latin1'), 0, 'b.txt:1: expected UTF-8 text, got other bytes'],
    ['b.csv', Buffer.from('text\ngood\nb\xe9te\n', 'latin1'), 1, 'b.csv:3: expected UTF-8 text, got other bytes'],
  ])('%s %j', async (name, contents, rowsAhead, message) => {
    await write(name, contents);
    const { stdout, stderr, code } = await run(['predict', ...MODEL, name]);
    expect(stderr).toBe(`bertwasm: ${message}\n`);
    expect(jsonLines(stdout)).toHaveLength(rowsAhead);
    expect(code).toBe(1);
  });
});

describe('as a filter', () => {
  it('answers each line as it comes', async () => {
    const child = start(['predict', ...MODEL, '-']);
    child.stdout.setEncoding('utf8');
    for (const text of ['good', 'dull', 'fine']) {
      child.stdin.write(`{"text":"${text}"}\n`);
      const [answer] = await once(child.stdout, 'data');
      expect(JSON.parse(answer)).toMatchObject({ text, label: expect.stringMatching(LABEL) });
    }
    child.stdin.end();
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('answers all lines that it has: none waits for a batch to fill, or for the rest of the next line', async () => {
    const child = start(['predict', ...MODEL, '-']);
    const text = 'film '.repeat(62); // 64 tokens: eight rows are a batch
    const lines = Array.from({ length: 20 }, (_, id) => `${JSON.stringify({ id, text })}\n`).join('');
    child.stdin.write(lines.slice(0, -40));
    let output = '';
    for await (const answers of child.stdout.setEncoding('utf8')) {
      output += answers;
      if (output.split('\n').length === 20) child.stdin.end(lines.slice(-40));
    }
    expect(jsonLines(output).map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('never reads far ahead of a slow reader, and loses nothing', async () => {
    const child = start(['predict', ...MODEL, '-']);
    const pad = 'x'.repeat(4000);
    let sent = 0;
    let draining = true;
    const pump = () => {
      while (draining && child.stdin.write(`{"text":"good","id":${sent},"pad":"${pad}"}\n`)) sent++;
      sent++;
    };
    child.stdin.on('drain', pump);
    pump();
    // Nothing is read: what it takes is what the pipes and one read of its own hold.
    let before = -1;
    while (before !== sent) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(sent * pad.length).toBeLessThan(2_000_000);

    draining = false;
    child.stdin.end();
    let output = '';
    for await (const text of child.stdout.setEncoding('utf8')) output += text;
    expect(jsonLines(output).map(({ id }) => id)).toEqual(Array.from({ length: sent }, (_, i) => i));
  }, 30_000);

  it('ends quietly when its reader has seen enough', async () => {
    await write('many.txt', 'good\n'.repeat(50_000));
    const child = start(['predict', ...MODEL, 'many.txt']);
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(stderr).toBe('');
  });
});

describe('the command line', () => {
  it.each([
    [['predict'], 'predict: expected a text, a file or -, got nothing'],
    [['predict', 'a text', 'rows.jsonl'], 'predict: expected texts or files, got both'],
    [
      ['predict', 'a', '--top-k', '0'],
      "option '--top-k <n>' argument '0' is invalid. Expected a whole number from 1, or all.",
    ],
    [['predict', 'a', '--stride', '33'], 'stride: expected at most 32, half of max_length, got 33'],
    [['predict', 'a', '--max-length', '999'], 'max_length: expected a whole number from 3 to 64, got 999'],
    [
      ['predict', 'a', '--simd', 'fast'],
      "option '--simd <build>' argument 'fast' is invalid. Allowed choices are auto, base, relaxed.",
    ],
    [['predict', 'a', '--dtype', 'fp32'], 'own: expected dtype q8, which the model holds, got fp32'],
    [['predict', 'a', '--bach-size', '1'], "unknown option '--bach-size' (Did you mean --batch-size?)"],
  ])('%j', async (args, message) => {
    expect(await run([...args, ...MODEL])).toEqual({ stdout: '', stderr: `bertwasm: ${message}\n`, code: 2 });
  });
});
