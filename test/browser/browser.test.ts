import { readFile } from 'node:fs/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../runtimes/runners/find-chromium.ts';
import { Unavailable } from '../runtimes/runtime.ts';
import { accessFaults } from './axe.ts';
import { contrast } from './contrast.ts';
import { CHECK, LEARN, nodeSide } from './node-side.ts';
import { screenshot } from './screenshot.ts';
import { type Site, serveSite } from './site.ts';
import { isReady, retrain, scoresOf, type Visit, visit } from './visit.ts';

/*
 * examples/browser in a real Chromium. The tests share one visit and go on where the one before them ended; those that need another
 * device make their own.
 */

const TEXT = 'Barack Obama spoke at Google in New York, and the room loved it.';
const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

const program = availableChromium();

function availableChromium(): string | undefined {
  try {
    return findChromium();
  } catch (error) {
    if (!(error instanceof Unavailable) || process.env.CI) throw error;
    console.warn(`examples/browser is NOT tested: ${error.message}`);
    return undefined;
  }
}

describe.skipIf(!program)('the page', () => {
  let browser: Browser;
  let site: Site;
  let main: Visit;
  let page: Page;
  let node: Awaited<ReturnType<typeof nodeSide>>;

  beforeAll(async () => {
    node = await nodeSide();
    site = await serveSite();
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
    main = await visit(browser, site.url, { ready: false, viewport: { width: 1100, height: 860 } });
    page = main.page;
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  it('tells the bytes of its first load', async () => {
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await page.route('**/model/encoder.safetensors', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(site.url);
    await page.locator('#loaded-bytes', { hasText: /^0\.7 MB of 25\.1 MB$/ }).waitFor();
    await screenshot(page, '1-loading');
    goOn();
    await isReady(page);
    expect(await page.locator('#loaded').isVisible()).toBe(false);
    expect(main.faults).toEqual([]);
  });

  it('reads what is typed as Node does, to the last bit', async () => {
    const field = page.getByLabel('Your text');
    await field.fill('');
    expect(await page.locator('#marks mark').count()).toBe(0);
    await field.pressSequentially(TEXT);
    const labels = await node.labels(TEXT);
    const entities = await node.entities(TEXT);
    expect(entities.map(({ entity_group }) => entity_group)).toEqual(['person', 'organisation', 'place']);
    await expect
      .poll(() => scoresOf(page, 'now'))
      .toEqual(labels.map(({ label, score }) => [label.toLowerCase(), score]));
    expect(
      await page.locator('#entities data').evaluateAll((all) => all.map((each) => each.getAttribute('value'))),
    ).toEqual(entities.map(({ score }) => String(score)));
    const marks = page.locator('#marks mark');
    expect(await marks.allTextContents()).toEqual(entities.map(({ start, end }) => TEXT.slice(start, end)));
    expect(await marks.evaluateAll((all) => all.map((each) => each.getAttribute('data-type')))).toEqual(
      entities.map(({ entity_group }) => entity_group),
    );
    await screenshot(page, '2-typed');
    // Said once typing rests, to who does not see it.
    await page
      .locator('#announcement', { hasText: 'positive, 99.8%; person Barack Obama; organisation Google' })
      .waitFor();
    expect(main.faults).toEqual([]);
  });

  it('trains the head that Node trains, byte for byte, and puts it to use', async () => {
    await retrain(page);
    const { bytes, labels } = await node.trained(LEARN);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download the head' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('head.safetensors');
    expect(new Uint8Array(await readFile(await download.path()))).toEqual(bytes);

    const now = (await labels(TEXT)).map(({ label, score }) => [label, score]);
    await expect.poll(() => scoresOf(page, 'now')).toEqual(now);
    const before = (await node.labels(TEXT)).map(({ label, score }) => [label.toLowerCase(), score]);
    expect(await scoresOf(page, 'before')).toEqual(before);
    expect(await page.locator('#curve-caption').textContent()).toMatch(
      /^Loss from 1\.\d\d to 0\.\d\d in \d+ of 80 steps$/,
    );

    const right = await Promise.all(CHECK.map(async ({ text, label }) => (await labels(text))[0].label === label));
    const count = right.filter(Boolean).length;
    expect(await page.locator('#tally').textContent()).toBe(`Before 0 of 6 right, now ${count} of 6 right`);
    expect(await page.locator('#check .verdict .right').count()).toBe(count);
    await screenshot(page, '3-trained', '.train');
    await screenshot(page, '4-compared', '[aria-labelledby=compare-title]');
    expect(main.faults).toEqual([]);
  });

  it('takes a head back, and refuses in words what is none', async () => {
    const file = page.getByLabel('Load a head');
    await file.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('not a head at all') });
    await page.locator('#head-failure', { hasText: "This head can't be used. the file: expected" }).waitFor();
    const own = [
      { text: 'It rains and rains.', label: 'wet' },
      { text: 'Not a cloud all day.', label: 'dry' },
    ];
    const { bytes, labels } = await node.trained(own);
    await file.setInputFiles({ name: 'head.safetensors', mimeType: '', buffer: Buffer.from(bytes) });
    await page.locator('#head-state', { hasText: 'In use, with the labels dry, wet.' }).waitFor();
    const expected = (await labels(TEXT)).map(({ label, score }) => [label, score]);
    await expect.poll(() => scoresOf(page, 'now')).toEqual(expected);
    expect(await page.locator('#head-failure').textContent()).toBe('');
    await screenshot(page, '5-kept', '[aria-labelledby=keep-title]');
    expect(main.faults).toEqual([]);
  });

  it('takes rows as they are typed, pasted and opened, and names the one at fault', async () => {
    const rows = page.locator('#learn .row');
    await page.locator('#learn-add').click();
    await page.keyboard.type('My parcel is lost.');
    await page.getByRole('button', { name: 'Retrain' }).click();
    await page.locator('#learn-failure', { hasText: 'Row 16: expected a label, got none.' }).waitFor();
    await page.getByLabel('Label of row 16').fill('delivery');

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(() =>
      navigator.clipboard.writeText('Where is my order?\tdelivery\nIt came broken.\tdelivery\n'),
    );
    await page.getByLabel('Text of row 16').focus();
    await page.keyboard.press('Control+V');
    await expect.poll(() => rows.count()).toBe(18);

    const csv = 'label,text\ndelivery,"The courier, again, did not ring."\n';
    const file = page.locator('#learn-file');
    await file.setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await expect.poll(() => rows.count()).toBe(19);
    expect(await page.getByLabel('Text of row 19').inputValue()).toBe('The courier, again, did not ring.');
    await file.setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from('only one column\n') });
    await page
      .locator('#learn-failure', { hasText: 'row 1: expected a text and a label, got "only one column"' })
      .waitFor();

    await page.getByRole('button', { name: 'Remove row 1', exact: true }).first().click();
    expect(await rows.count()).toBe(18);
    await retrain(page);
    const names = (await scoresOf(page, 'now')).map(([name]) => name);
    expect(names.sort()).toEqual(['billing', 'bug', 'delivery', 'praise']);
    expect(main.faults).toEqual([]);
  });

  it('ends a training that is cancelled, and leaves the labels as they were', async () => {
    const before = await scoresOf(page, 'now');
    const csv = Array.from(
      { length: 600 },
      (_, i) => `Letter ${i} about the bill and all that follows from it,billing`,
    );
    const buffer = Buffer.from(csv.join('\n'));
    await page.locator('#learn-file').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer });
    await page.getByRole('button', { name: 'Retrain' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.locator('#training', { hasText: 'Cancelled: nothing has changed.' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('retrain');
    expect(await scoresOf(page, 'now')).toEqual(before);
    expect(main.faults).toEqual([]);
  });

  it('obeys its policy, page and workers', async () => {
    const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
    const meta = page.locator('meta[http-equiv=Content-Security-Policy]');
    expect(await meta.getAttribute('content')).toBe(policy);
    const paths = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    const worker = paths.find((path) => /\/worker-[\w-]+\.js$/.test(path));
    for (const path of [site.url, worker as string]) {
      expect((await page.request.get(path)).headers()['content-security-policy']).toBe(policy);
    }
    const refused = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          addEventListener('securitypolicyviolation', ({ blockedURI }) => resolve(blockedURI), { once: true });
          document.head.append(
            Object.assign(document.createElement('script'), { textContent: 'document.title = "ran"' }),
          );
        }),
    );
    expect([refused, await page.title()]).toEqual(['inline', 'bertwasm: a classifier in this page']);
    // That one was ours.
    expect(main.faults.splice(0).join()).toContain('Content Security Policy');
  });

  it('can be used by keyboard alone', async () => {
    const { page, faults, close } = await visit(browser, site.url);
    const focused = () =>
      page.evaluate(() => {
        const at = document.activeElement as HTMLElement;
        const seen = at.closest('.button') ?? at;
        const order = Array.from(document.querySelectorAll('*')).indexOf(at);
        return { id: at.id, order, outline: getComputedStyle(seen).outlineStyle, tabIndex: at.tabIndex };
      });
    let last = -1;
    const tabTo = async (id: string) => {
      for (;;) {
        await page.keyboard.press('Tab');
        const at = await focused();
        expect(at.order, `a stop after the last, on the way to ${id}`).toBeGreaterThan(last);
        expect(at).toMatchObject({ outline: 'solid', tabIndex: 0 });
        last = at.order;
        if (at.id === id) return;
      }
    };
    await tabTo('text');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Anna moved to Lisbon.');
    await page.locator('#entities', { hasText: 'Lisbon' }).waitFor();
    await tabTo('learn-add');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Where is my parcel?');
    await page.keyboard.press('Tab');
    await page.keyboard.type('delivery');
    await tabTo('retrain');
    await page.keyboard.press('Enter');
    await page.locator('#tally strong').last().waitFor();
    expect(await page.locator('#now .name').allTextContents()).toContain('delivery');
    await tabTo('download');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Space')]);
    expect(download.suggestedFilename()).toBe('head.safetensors');
    await tabTo('head-file');
    expect(faults).toEqual([]);
    await close();
  });

  it('fits a phone: nothing to scroll sideways, targets of 44 pixels', async () => {
    const { page, faults, close } = await visit(browser, site.url, PHONE);
    await screenshot(page, 'phone-1-typed');
    await page.getByLabel('Your text').fill(`A word without an end: ${'un'.repeat(80)}`);
    await retrain(page);
    await screenshot(page, 'phone-2-trained', '.train');
    await screenshot(page, 'phone-3-compared', '[aria-labelledby=compare-title]');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    const targets = await page.locator('button, .button, input:not([type=file]), textarea').evaluateAll((all) =>
      all.map((each) => {
        const { width, height } = each.getBoundingClientRect();
        return { is: each.className || each.id, least: Math.min(width, height) };
      }),
    );
    expect(targets.length).toBeGreaterThan(60);
    expect(targets.filter(({ least }) => least < 44)).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });

  it.each(['light', 'dark'] as const)(
    'can be read in %s, and moves nothing where that is asked',
    async (colorScheme) => {
      const options = { colorScheme, reducedMotion: 'reduce', viewport: { width: 1100, height: 860 } } as const;
      const { page, faults, close } = await visit(browser, site.url, options);
      expect(await accessFaults(page)).toEqual([]);
      await retrain(page);
      expect(await accessFaults(page)).toEqual([]);
      // The marks lie under the field, where axe does not look.
      const colours = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        return ['person', 'place', 'organisation'].map((type) =>
          [`--${type}`, `--${type}-ink`, '--paper', '--ink'].map((name) => style.getPropertyValue(name)),
        );
      });
      for (const [mark, markInk, paper, ink] of colours) {
        expect(contrast(ink, mark)).toBeGreaterThan(4.5);
        expect(contrast(markInk, mark)).toBeGreaterThan(4.5);
        expect(contrast(markInk, paper)).toBeGreaterThan(4.5);
      }
      expect(
        await page
          .locator('.bar')
          .first()
          .evaluate((bar) => getComputedStyle(bar, '::before').transitionProperty),
      ).toBe('none');
      if (colorScheme === 'dark') {
        await screenshot(page, 'dark-1-typed');
        await screenshot(page, 'dark-2-trained', '.train');
        await screenshot(page, 'dark-3-compared', '[aria-labelledby=compare-title]');
      }
      expect(faults).toEqual([]);
      await close();
    },
  );

  it('says in words that the model did not come', async () => {
    const { page, close } = await visit(browser, site.url, { ready: false });
    await page.route('**/model/encoder.safetensors', (route) => route.fulfill({ status: 503 }));
    await page.goto(site.url);
    await page.getByRole('alert').filter({ hasText: 'expected the file, got HTTP 503. Reload the page' }).waitFor();
    await close();
  });

  it('works with the server stopped and no network', async () => {
    await site.stop();
    await page.context().setOffline(true);
    await page.reload();
    await isReady(page);
    await page.getByLabel('Your text').fill(TEXT);
    const labels = await node.labels(TEXT);
    await expect
      .poll(() => scoresOf(page, 'now'))
      .toEqual(labels.map(({ label, score }) => [label.toLowerCase(), score]));
    await retrain(page);
    // A newer config.json is asked for first.
    expect(main.faults.filter((fault) => !fault.endsWith('/model/config.json'))).toEqual([]);
  });
});
