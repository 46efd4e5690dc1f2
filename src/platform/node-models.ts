import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { DataError } from '../errors.ts';

/** The package that holds the default model of every task. */
export const DEFAULT_MODEL = 'bertwasm-sentiment';
/** The package that holds the default encoder for a new head. */
export const DEFAULT_ENCODER = 'bertwasm-minilm';

const ownRequire = createRequire(import.meta.url);

/** The directory of that path, or of the installed package of that name: the caller's, or one beside bertwasm. */
export function modelDirectory(model: string): string {
  if (isDirectory(model)) return model;
  if (isPackageName(model)) return packageDirectory(model, process.cwd());
  throw new DataError(
    `${model}: expected a model's directory, got ${isAbsolute(model) ? 'no such path' : `none in ${process.cwd()}`}`,
  );
}

/** Where the encoder is that the manifest of the model in `directory` names. */
export function encoderDirectory(encoder: string, directory: string): string {
  return isPackageName(encoder) ? packageDirectory(encoder, directory) : resolve(directory, encoder);
}

/**
 * How a manifest in `directory` names a model's encoder: a package by its name, a directory by its relative path, so that
 * both can be moved together.
 *
 * @param model the model as the caller names it
 * @param encoder what that model's own manifest names, where its encoder is another's
 */
export function encoderReference(model: string, encoder: string | undefined, directory: string): string {
  if (encoder !== undefined && isPackageName(encoder)) return encoder;
  if (encoder === undefined && !isDirectory(model) && isPackageName(model)) return model;
  const home = modelDirectory(model);
  const path = relative(resolve(directory), encoder === undefined ? resolve(home) : encoderDirectory(encoder, home));
  return path.startsWith('.') ? path : `./${path}`; // never to be read as a package's name
}

function packageDirectory(name: string, from: string): string {
  for (const require of [
    createRequire(join(resolve(from), 'caller.js')),
    createRequire(join(process.cwd(), 'caller.js')),
    ownRequire,
  ]) {
    try {
      return dirname(require.resolve(`${name}/config.json`));
    } catch {}
  }
  throw new DataError(
    `${name}: expected a model's directory or an installed package, got neither (a package: npm install ${name})`,
  );
}

function isPackageName(name: string): boolean {
  return /^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/.test(name);
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // a name too long for a path, say
  }
}
