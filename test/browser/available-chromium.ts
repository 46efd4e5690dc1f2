import { findChromium } from '../runtimes/runners/find-chromium.ts';
import { Unavailable } from '../runtimes/runtime.ts';

/** Chromium's path. Without one CI fails, and elsewhere a warning says that `what` is not tested. */
export function availableChromium(what: string): string | undefined {
  try {
    return findChromium();
  } catch (error) {
    if (!(error instanceof Unavailable) || process.env.CI) throw error;
    console.warn(`${what} NOT tested: ${error.message}`);
    return undefined;
  }
}
