import { fileURLToPath } from 'node:url';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export const ROOT = path('../..');
/** The default model. */
export const MODEL = path('../../models/sentiment');
/** A file that runs inside a runtime. */
export const inside = (file: string) => path(`inside/${file}`);
