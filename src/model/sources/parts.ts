import { DataError } from '../../errors.ts';
import type { ManifestFile } from '../config.ts';
import { type ByteReader, expectEnd, type ModelSource, readFully } from '../source.ts';

/** The name of part `index` (from 0) of a file that was cut, for stores that limit the size of a file. */
export function partName(file: string, index: number): string {
  return `${file}.part${index + 1}`;
}

/** What a listed file is stored as: its parts where it was cut. */
export function fileNames(name: string, { size, parts }: ManifestFile): { file: string; size: number }[] {
  return parts ? parts.map((size, i) => ({ file: partName(name, i), size })) : [{ file: name, size }];
}

/**
 * A file from its parts, one open at a time: workers may have few connections.
 *
 * @param sizes of the parts in bytes, in their order
 */
export async function partsReader(
  source: ModelSource,
  file: string,
  sizes: readonly number[],
): Promise<ByteReader | undefined> {
  const first = await source.open(partName(file, 0));
  if (!first) return undefined;
  let part: ByteReader = first;
  let index = 0;
  let left = sizes[0];
  const checkSize = (): void => {
    if (part.size !== undefined && part.size !== left) {
      throw new DataError(`${part.name}: expected ${left} bytes, got ${part.size}`);
    }
  };
  const next = async (): Promise<void> => {
    await expectEnd(part);
    await part.close();
    const name = partName(file, ++index);
    const reader = await source.open(name);
    if (!reader) throw new DataError(`${source.name}/${name}: expected as config.json lists it, got no such file`);
    part = reader;
    left = sizes[index];
    checkSize();
  };
  try {
    checkSize();
  } catch (error) {
    await part.close();
    throw error;
  }
  return {
    name: `${source.name}/${file}`,
    size: sizes.reduce((sum, size) => sum + size, 0),
    async read(into) {
      let at = 0;
      while (at < into.length) {
        if (left === 0) {
          if (index + 1 === sizes.length) {
            await expectEnd(part);
            break;
          }
          await next();
        }
        const piece = into.subarray(at, at + Math.min(left, into.length - at));
        await readFully(part, piece);
        at += piece.length;
        left -= piece.length;
      }
      return at;
    },
    close: () => part.close(),
  };
}
