import { UsageError } from '../../errors.ts';
import { asBytes, type Bytes } from '../as-bytes.ts';
import { isObject } from '../json.ts';
import type { ModelSource } from '../source.ts';
import { type Sha256, verifiedSource } from '../verified.ts';
import { bytesSource } from './bytes.ts';
import { type FileFunction, functionSource } from './files.ts';
import type { SourceOptions } from './url.ts';

/**
 * A model as a caller names it: a directory or an installed package (where there is a file system), a URL, a function from
 * file name to contents, contents by file name, or a source of the caller's own.
 */
export type ModelInput = string | URL | FileFunction | Record<string, Bytes> | ModelSource;

/** Where messages find the files of a model that has no name. */
const NAME = 'model';

/**
 * The files of a model.
 *
 * @param named what a text or a URL means on this platform
 */
export function modelSource(
  input: ModelInput,
  newSha256: () => Sha256,
  named: (name: string | URL, options: SourceOptions) => ModelSource,
  options: SourceOptions = {},
): ModelSource {
  if (typeof input === 'string' || input instanceof URL) return named(input, options);
  if (options.cache) throw new UsageError('cache: expected a model by its URL, got another');
  if (typeof input === 'function') return verifiedSource(functionSource(NAME, input), newSha256);
  if (isSource(input)) return input;
  if (isObject(input) && Object.values(input).every(asBytes)) {
    return verifiedSource(bytesSource(NAME, input as Record<string, Bytes>), newSha256);
  }
  throw new UsageError(
    'model: expected a name, a URL, a function or an object of Uint8Arrays or ArrayBuffers, got another value',
  );
}

function isSource(input: object | null): input is ModelSource {
  return typeof (input as ModelSource | null)?.open === 'function';
}
