import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A visitor's page, and all that went wrong on it. */
export interface Visit {
  page: Page;
  /** Errors on the console, the policy's violations, requests to other hosts, answers that are none. */
  faults: string[];
  close(): Promise<void>;
}

export async function visit(
  browser: Browser,
  url: string,
  { ready = true, ...options }: BrowserContextOptions & { ready?: boolean } = {},
): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    // Also what the policy forbids, in the page and in its worker.
    if (['error', 'warning'].includes(message.type())) faults.push(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', ({ message }) => faults.push(message));
  // Of the whole context: its workers' too.
  context.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('blob:')) faults.push(`asked ${request.url()}`);
  });
  if (ready) {
    await page.goto(url);
    await isReady(page);
  }
  return { page, faults, close: () => context.close() };
}

export async function isReady(page: Page): Promise<void> {
  await page.getByText('Ready, and from now on without a network too.').waitFor();
}

/** Presses Retrain and waits for what comes of it; the labels and the comparison are shown soon after. */
export async function retrain(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Retrain' }).click();
  await page.locator('#retrain[aria-disabled=false]').waitFor();
  await page.locator('#training', { hasText: 'Learnt from' }).waitFor();
  await page.locator('#tally strong').last().waitFor();
}

/** Loads a head from a file, and waits until it is in use. */
export async function loadHead(page: Page, head: Uint8Array, labels: string): Promise<void> {
  const file = { name: 'head.safetensors', mimeType: '', buffer: Buffer.from(head) };
  await page.getByLabel('Load a head').setInputFiles(file);
  await page.locator('#head-state', { hasText: `In use, with the labels ${labels}.` }).waitFor();
}

/** Opens a file of rows in the list `id`. */
export async function openRows(page: Page, id: string, rows: string): Promise<void> {
  await page
    .locator(`#${id}-file`)
    .setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) });
}

/** Removes all rows of the list `id`. */
export async function removeRows(page: Page, id: string): Promise<void> {
  await page.locator(`#${id} .remove`).evaluateAll((buttons) => {
    for (const button of buttons) (button as HTMLElement).click();
  });
}

/** Bytes that the page gives for its head. */
export async function downloadedHead(page: Page): Promise<Uint8Array> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the head' }).click(),
  ]);
  return new Uint8Array(await readFile(await download.path()));
}

/** Scores of a list as they are, label to value. */
export function scoresOf(page: Page, id: string): Promise<[string, number][]> {
  return page
    .locator(`#${id} li`)
    .evaluateAll((items) =>
      items.map((item) => [
        item.querySelector('.name')?.textContent ?? '',
        Number(item.querySelector('data')?.getAttribute('value')),
      ]),
    );
}
