import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // vitest would leave one core of two idle.
    maxWorkers: '100%',
    // Two shared cores: a slow test is not a wrong one.
    testTimeout: 60_000,
  },
});
