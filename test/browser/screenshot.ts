import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Most bytes of a picture in docs/. */
const MOST = 150_000;

/** A picture for docs/browser, taken only where UPDATE_SCREENSHOTS=1 asks: fonts differ between machines. With a place the page is scrolled there. */
export async function screenshot(page: Page, name: string, place?: string): Promise<void> {
  if (process.env.UPDATE_SCREENSHOTS !== '1') return;
  const path = fileURLToPath(new URL(`../../docs/browser/${name}.png`, import.meta.url));
  await page.evaluate((place) => {
    const y = place ? document.querySelector(place)?.getBoundingClientRect().y : 0;
    scrollTo(0, y ? scrollY + y - 24 : 0);
  }, place);
  await page.screenshot({ path, animations: 'disabled' });
  expect((await stat(path)).size, name).toBeLessThan(MOST);
}
