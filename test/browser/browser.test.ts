import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROWS } from '../runtimes/inside/texts.mjs';
import { availableChromium } from './available-chromium.ts';
import { accessFaults } from './axe.ts';
import { contrast } from './contrast.ts';
import { CHECK, LEARN, nodeSide } from './node-side.ts';
import { screenshot } from './screenshot.ts';
import { type Site, serveSite } from './site.ts';
import {
  downloadedHead,
  isReady,
  loadHead,
  openRows,
  removeRows,
  retrain,
  scoresOf,
  type Visit,
  visit,
} from './visit.ts';

/*
 * examples/browser in a real Chromium. The tests share one visit and go on where the one before them ended; those that need another
 * device or files make their own.
 */

const TEXT = 'Barack Obama spoke at Google in New York, and the room loved it.';
const WEATHER = [
  { text: 'It rains and rains.', label: 'wet' },
  { text: 'Not a cloud all day.', label: 'dry' },
];
const csv = (rows: typeof WEATHER) => rows.map(({ text, label }) => `${text},${label}`).join('\n');
/** Most milliseconds to build and to load, on a busy machine. */
const LOADING = 60_000;
const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

const program = availableChromium('examples/browser is');

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
  }, LOADING);
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
    expect(await downloadedHead(page)).toEqual(bytes);

    const now = (await labels(TEXT)).map(({ label, score }) => [label, score]);
    await expect.poll(() => scoresOf(page, 'now')).toEqual(now);
    const before = (await node.labels(TEXT)).map(({ label, score }) => [label.toLowerCase(), score]);
    expect(await scoresOf(page, 'before')).toEqual(before);
    expect(await page.locator('#curve-caption').textContent()).toMatch(
      /^Loss from 1\.\d\d to 0\.\d\d in \d+ of 80 steps$/,
    );

    const right = await Promise.all(CHECK.map(async ({ text, label }) => (await labels(text))[0].label === label));
    const count = right.filter(Boolean).length;
    await page.locator('#tally', { hasText: `Before 0 of 6 right, now ${count} of 6 right` }).waitFor();
    expect(await page.locator('#check .verdict .right').count()).toBe(count);
    await screenshot(page, '3-trained', '.train');
    await screenshot(page, '4-compared', '[aria-labelledby=compare-title]');
    expect(main.faults).toEqual([]);
  });

  it('takes a head back, and refuses in words what is none', async () => {
    const file = page.getByLabel('Load a head');
    await file.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('not a head at all') });
    await page.locator('#head-failure', { hasText: "This head can't be used. the file: expected" }).waitFor();
    const { bytes, labels } = await node.trained(WEATHER);
    await loadHead(page, bytes, 'dry, wet');
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

    await openRows(page, 'learn', 'label,text\ndelivery,"The courier, again, did not ring."\n');
    await expect.poll(() => rows.count()).toBe(19);
    expect(await page.getByLabel('Text of row 19').inputValue()).toBe('The courier, again, did not ring.');
    await openRows(page, 'learn', 'only one column\n');
    await page
      .locator('#learn-failure', { hasText: 'row 1: expected a text and a label, got "only one column"' })
      .waitFor();

    await page.getByRole('button', { name: 'Remove row 1', exact: true }).first().click();
    expect(await rows.count()).toBe(18);
    await retrain(page);
    const names = async () => (await scoresOf(page, 'now')).map(([name]) => name).sort();
    await expect.poll(names).toEqual(['billing', 'bug', 'delivery', 'praise']);
    expect(main.faults).toEqual([]);
  });

  describe("with a visitor's own files", () => {
    let own: Visit;
    let page: Page;
    let weather: Uint8Array;
    beforeAll(async () => {
      own = await visit(browser, site.url);
      page = own.page;
      weather = (await node.trained(WEATHER)).bytes;
    }, LOADING);
    afterAll(() => own?.close());

    it('trains the head that Node trains from 200 rows, whatever heads are loaded meanwhile', async () => {
      await openRows(page, 'learn', csv(ROWS));
      await expect.poll(() => page.locator('#learn .row').count()).toBe(LEARN.length + 200);
      const letters = (await node.trained(LEARN)).bytes;
      await page.getByRole('button', { name: 'Retrain' }).click();
      await page.locator('#training', { hasText: 'Reading row' }).waitFor();
      await loadHead(page, letters, 'billing, bug, praise');
      await loadHead(page, weather, 'dry, wet');
      await page.locator('#training', { hasText: 'Learnt from 215 rows.' }).waitFor();
      const { bytes, labels } = await node.trained([...LEARN, ...ROWS]);
      expect(await downloadedHead(page)).toEqual(bytes);
      await page.getByLabel('Your text').fill(TEXT);
      // Those of the training, which was the last to end.
      const now = (await labels(TEXT)).map(({ label, score }) => [label, score]);
      await expect.poll(() => scoresOf(page, 'now')).toEqual(now);
      expect(own.faults).toEqual([]);
    });

    it('reads what is typed between two of many rows to check on', async () => {
      const all = CHECK.length + 30;
      const judgedBefore = page.evaluate(async (had) => {
        const judged = () => document.querySelectorAll('#check .verdict:not([hidden])').length;
        const until = (id: string, isSo: () => boolean) =>
          new Promise<void>((resolve) => {
            const observer = new MutationObserver(() => {
              if (!isSo()) return;
              observer.disconnect();
              resolve();
            });
            const changes = { attributes: true, childList: true, subtree: true };
            observer.observe(document.getElementById(id) as Element, changes);
          });
        await until('check', () => judged() > had);
        const field = document.getElementById('text') as HTMLTextAreaElement;
        field.value = 'Why was I charged again?';
        field.dispatchEvent(new Event('input'));
        await until('now', () => true);
        return judged();
      }, CHECK.length);
      await openRows(page, 'check', csv(ROWS.slice(0, 30)));
      expect(await judgedBefore).toBeLessThan(all);
      await page.locator('#tally', { hasText: `of ${all} right` }).waitFor();
      expect(await page.locator('#check .verdict').filter({ visible: true }).count()).toBe(all);
      await removeRows(page, 'check');
      await expect.poll(() => page.locator('#tally').textContent()).toBe('');
      expect(own.faults).toEqual([]);
    });

    it('tells a head that was not trained or loaded from one that could not be shown', async () => {
      await page.reload();
      await isReady(page);
      await page.evaluate(() => {
        const { postMessage } = Worker.prototype;
        Worker.prototype.postMessage = function (this: Worker, message: { call: string }) {
          if (message.call === 'compare') throw new Error('Out of order');
          postMessage.call(this, message);
        };
      });
      await loadHead(page, weather, 'dry, wet');
      await page.locator('#failure', { hasText: 'The model stopped. Out of order.' }).waitFor();
      await page.getByRole('button', { name: 'Retrain' }).click();
      await page.locator('#training', { hasText: 'Learnt from 15 rows.' }).waitFor();
      await page.locator('#retrain[aria-disabled=false]').waitFor();
      expect(await page.locator('#head-failure, #learn-failure').allTextContents()).toEqual(['', '']);
      expect(own.faults).toEqual([]);
    });
  });

  it('ends a training that is cancelled, and leaves the labels as they were', async () => {
    const before = await scoresOf(page, 'now');
    const had = await page.locator('#learn .row').count();
    const letters = Array.from(
      { length: 600 },
      (_, i) => `Letter ${i} about the bill and all that follows from it,billing`,
    );
    await openRows(page, 'learn', letters.join('\n'));
    await expect.poll(() => page.locator('#learn .row').count()).toBe(had + 600);
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

  it('can be read light and dark, and moves nothing where that is asked', async () => {
    const { page, faults, close } = await visit(browser, site.url, {
      reducedMotion: 'reduce',
      viewport: { width: 1100, height: 860 },
    });
    const expectReadable = async (colorScheme: 'light' | 'dark') => {
      await page.emulateMedia({ colorScheme });
      expect(await accessFaults(page), colorScheme).toEqual([]);
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
      return colours;
    };
    const light = await expectReadable('light');
    expect(await expectReadable('dark')).not.toEqual(light);
    await retrain(page);
    await expectReadable('light');
    await expectReadable('dark');
    expect(
      await page
        .locator('.bar')
        .first()
        .evaluate((bar) => getComputedStyle(bar, '::before').transitionProperty),
    ).toBe('none');
    await screenshot(page, 'dark-1-typed');
    await screenshot(page, 'dark-2-trained', '.train');
    await screenshot(page, 'dark-3-compared', '[aria-labelledby=compare-title]');
    expect(faults).toEqual([]);
    await close();
  });

  it('reads all the same where there is no room to keep the model', async () => {
    const { page, faults, close } = await visit(browser, site.url, { ready: false });
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(site.url).origin, quotaSize: 1_000_000 });
    await page.goto(site.url);
    await page.getByText('Ready').waitFor();
    await page.getByLabel('Your text').fill(TEXT);
    const labels = await node.labels(TEXT);
    await expect
      .poll(() => scoresOf(page, 'now'))
      .toEqual(labels.map(({ label, score }) => [label.toLowerCase(), score]));
    expect(await page.evaluate(async () => (await (await caches.open('bertwasm')).keys()).length)).toBeLessThan(3);
    expect(faults).toEqual([]);
    await close();
  });

  it('says in words that the model did not come', async () => {
    const { page, close } = await visit(browser, site.url, { ready: false });
    await page.route('**/model/encoder.safetensors', (route) => route.fulfill({ status: 503 }));
    await page.goto(site.url);
    await page.getByRole('alert').filter({ hasText: 'expected the file, got HTTP 503. Reload the page' }).waitFor();
    await close();
  });

  it('is ready, too, where it could not be kept', async () => {
    const { page, faults, close } = await visit(browser, site.url, { ready: false });
    await page
      .context()
      .route('**/*.svg', (route) =>
        route.request().serviceWorker() ? route.fulfill({ status: 503 }) : route.continue(),
      );
    await page.goto(site.url);
    await page.getByText('Ready.', { exact: true }).waitFor();
    // What could not be installed is gone.
    const registrations = () => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
    await expect.poll(registrations).toBe(0);
    expect(await page.locator('#state').textContent()).toBe('Ready.');
    expect(faults).toEqual([]);
    await close();
  });

  it('leaves alone what another page of the same host keeps', async () => {
    const keys = () => page.evaluate(() => caches.keys());
    const before = await keys();
    const beside = await page.context().newPage();
    await beside.goto(site.beside);
    await isReady(beside);
    await beside.close();
    const after = await keys();
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.length).toBe(before.length + 1);
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
