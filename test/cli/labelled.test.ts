import { expect, it } from 'vitest';
import { labelledRows } from '../../src/cli/labelled.ts';
import { pieces } from './pieces.ts';

it('takes columns by names that all objects have', async () => {
  const chunks = pieces('text,constructor\nfine,good\nawful,bad\n', 1000);
  const input = { name: 'f.csv', format: 'csv', chunks, gzip: false } as const;
  const rows = [];
  for await (const piece of labelledRows(input, { labelColumn: 'constructor' })) rows.push(...piece);
  expect(rows).toMatchObject([
    { text: 'fine', label: 'good' },
    { text: 'awful', label: 'bad' },
  ]);
});
