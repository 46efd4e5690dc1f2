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

/** Presses Retrain and waits for what comes of it. */
export async function retrain(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Retrain' }).click();
  await page.locator('#retrain[aria-disabled=false]').waitFor();
  await page.locator('#training', { hasText: 'Learnt from' }).waitFor();
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
