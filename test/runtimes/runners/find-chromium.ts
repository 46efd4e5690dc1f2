import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Unavailable } from '../runtime.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The program that $CHROMIUM names, or the first on the PATH. */
export function findChromium(): string {
  const { CHROMIUM, PATH = '' } = process.env;
  if (CHROMIUM) return CHROMIUM;
  const places = NAMES.flatMap((name) => PATH.split(delimiter).map((directory) => join(directory, name)));
  const found = places.find(isProgram);
  if (!found) throw new Unavailable(`no ${NAMES.join(', ')} on the PATH, and $CHROMIUM names none`);
  return found;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
