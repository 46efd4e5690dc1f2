import { afterEach, expect, it, vi } from 'vitest';
import { Progress } from '../../src/cli/progress.ts';
import { pieces } from './pieces.ts';

const { isTTY } = process.stderr;
afterEach(() => {
  process.stderr.isTTY = isTTY;
  vi.restoreAllMocks();
});

it('is full at most, where a file grows while it is read', async () => {
  process.stderr.isTTY = true;
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { progress, input } = Progress.of({
    chunks: pieces('abcdef', 6),
    name: 'f',
    format: 'txt',
    gzip: false,
    size: 3,
  });
  for await (const _ of input.chunks);
  const now = performance.now();
  vi.spyOn(performance, 'now').mockReturnValue(now + 2000);
  progress.update(6);
  progress.end();
  expect(write.mock.calls[0][0]).toContain(`[${'#'.repeat(24)}] 100 % 6 rows`);
});
