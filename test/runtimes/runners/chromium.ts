import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { chromium as playwright } from 'playwright-core';
import { inside, MODEL } from '../paths.ts';
import type { Report, Runtime } from '../runtime.ts';
import { bundle } from './bundle.ts';
import { findChromium } from './find-chromium.ts';
import { servePage } from './page-server.ts';
import { inTemporaryDirectory } from './temporary.ts';

const { resolve } = createRequire(import.meta.url);

export const chromium: Runtime = {
  name: 'Chromium',
  required: true,
  run: () =>
    inTemporaryDirectory(async (directory) => {
      // Containers, that of CI among them, leave Chromium's own sandbox no way to start.
      await using browser = await playwright.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
      await bundle(inside('page.mjs'), 'browser', join(directory, 'script'));
      await using server = await servePage((path) => {
        const name = basename(path);
        if (path === '/') return inside('page.html');
        if (path.startsWith('/model/')) return join(MODEL, name);
        if (path.startsWith('/script/')) return join(directory, 'script', name);
        return resolve(`bertwasm/${name}`);
      });
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on('pageerror', ({ message }) => errors.push(message));
      await page.goto(server.url);
      const report = await page.evaluate(() => (globalThis as { report?: Promise<Report> }).report);
      if (!report) throw new Error(`Chromium: expected a report, got ${errors.join('; ') || 'none'}`);
      return { version: browser.version(), ...report };
    }),
};
