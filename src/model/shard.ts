import { UsageError } from '../errors.ts';
import { LIMITS, type Manifest, type ManifestFile, type ModelConfig } from './config.ts';
import { jsonBytes } from './json.ts';
import type { DirectoryWriter } from './own-form.ts';
import { type ByteReader, type ModelSource, PIECE_BYTES, readFully } from './source.ts';
import { partName } from './sources/parts.ts';

/**
 * Copies a model in our own form, every file over `max` bytes cut into parts of that size at most: asset stores limit a file
 * (Cloudflare's to 25 MiB). The whole file keeps its SHA-256, so that heads which were trained on its encoder fit. The copy stands
 * alone, where the model named another's encoder too.
 *
 * @throws DataError where a file is not as the manifest says, UsageError where the model is in another form; nothing is then written
 */
export async function writeShards(
  writer: DirectoryWriter,
  source: ModelSource,
  { raw, bertwasm }: ModelConfig,
  max: number,
): Promise<Manifest> {
  try {
    if (!bertwasm) throw new UsageError(`${source.name}: expected a quantised model, got a float checkpoint`);
    const files: Manifest['files'] = {};
    for (const [name, listed] of Object.entries(bertwasm.files)) {
      // The source has told of one that is missing.
      const reader = (await source.open(name)) as ByteReader;
      try {
        files[name] = await writeParts(writer, name, reader, listed, max);
      } finally {
        await reader.close();
      }
    }
    const { encoder: _elsewhere, ...manifest } = { ...bertwasm, files };
    const file = await writer.file('config.json');
    await file.write(jsonBytes({ ...raw, bertwasm: manifest }));
    await file.close();
    await writer.commit();
    return manifest;
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function writeParts(
  writer: DirectoryWriter,
  name: string,
  reader: ByteReader,
  { size, sha256 }: ManifestFile,
  max: number,
): Promise<ManifestFile> {
  const parts = Array.from({ length: Math.ceil(size / max) }, (_, i) => Math.min(max, size - i * max));
  if (parts.length > LIMITS.parts) {
    const least = Math.ceil(size / LIMITS.parts);
    throw new UsageError(`max: expected at least ${least} bytes for ${name}, got ${max}`);
  }
  const whole = parts.length <= 1;
  for (const [i, part] of (whole ? [size] : parts).entries()) {
    const file = await writer.file(whole ? name : partName(name, i));
    for (let left = part; left > 0; ) {
      const piece = new Uint8Array(Math.min(left, PIECE_BYTES));
      await readFully(reader, piece);
      await file.write(piece);
      left -= piece.length;
    }
    await file.close();
  }
  return whole ? { size, sha256 } : { size, sha256, parts };
}
