import { describe, expect, it } from 'vitest';
import { outcomeOf } from './outcome.ts';
import { chromium } from './runners/chromium.ts';
import { node, presentNode } from './runners/node.ts';
import { workerd } from './runners/workerd.ts';

/** Of the Node that runs this; the others are held against it. */
const expected = presentNode.run();

// All at once, each for half a minute of processor time, after npm has fetched what is not here.
describe.concurrent('the suite gives the same bits', { timeout: 300_000 }, () => {
  it('in this Node, nothing wrong', async () => {
    const { checks } = await expected;
    expect(Object.keys(checks).length).toBeGreaterThan(10);
    for (const value of Object.values(checks)) expect(value).toMatch(/^(ok|[0-9a-f]{64})$/);
  });

  it.for([
    ['Node 20', node('20.20.2')],
    ['Node 22', node('22.23.3')],
    ['workerd', workerd],
    ['Chromium', chromium],
  ] as const)('in %s', async ([, runtime], { skip }) => {
    const { report, skipped, failed } = await outcomeOf(runtime, Boolean(process.env.CI));
    if (skipped !== undefined) skip(skipped);
    expect(failed).toBeUndefined();
    expect(report?.checks).toEqual((await expected).checks);
  });
});
