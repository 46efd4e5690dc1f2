import { describe, expect, it } from 'vitest';
import { outcomeOf } from './outcome.ts';
import { chromium } from './runners/chromium.ts';
import { presentNode } from './runners/node.ts';
import { workerd } from './runners/workerd.ts';

/** Of the Node that runs this; the others are held against it. */
const expected = presentNode.run();

describe.concurrent('the suite gives the same bits', () => {
  it('in this Node, nothing wrong', async () => {
    const { checks } = await expected;
    expect(Object.keys(checks).length).toBeGreaterThan(10);
    for (const value of Object.values(checks)) expect(value).toMatch(/^(ok|[0-9a-f]{64})$/);
  });

  it.for([workerd, chromium])('in $name', async (runtime, { skip }) => {
    const { report, skipped, failed } = await outcomeOf(runtime, Boolean(process.env.CI));
    if (skipped !== undefined) skip(skipped);
    expect(failed).toBeUndefined();
    expect(report?.checks).toEqual((await expected).checks);
  });
});
