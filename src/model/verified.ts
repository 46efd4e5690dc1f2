import { DataError } from '../errors.ts';
import { LIMITS, type Manifest, parseManifest } from './config.ts';
import { isObject, parseJson } from './json.ts';
import { type ByteReader, type ModelSource, readBytes } from './source.ts';

/** SHA-256 over bytes as they come; each platform brings its own (WebCrypto has no streaming one). */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** 64 hex digits; ends the hash. */
  digest(): string;
}

/**
 * The same source, its files held against the manifest in its config.json where there is one (our own form): a file's
 * size as it is opened, its SHA-256 as the last byte is read. A file the manifest does not list is no part of the
 * model and is not found; one that it lists and that is not there is looked for where the manifest says the encoder is.
 * Without a manifest every file passes as it is.
 *
 * @param encoderSource the files of the model that a manifest's `encoder` names, unverified: these are checked here
 */
export function verifiedSource(
  source: ModelSource,
  newSha256: () => Sha256,
  encoderSource?: (encoder: string) => ModelSource,
): ModelSource {
  let manifest: Promise<Manifest | undefined> | undefined;
  return {
    name: source.name,
    async open(file) {
      if (file === 'config.json') return source.open(file);
      manifest ??= readManifest(source);
      const { files, encoder } = (await manifest) ?? {};
      if (!files) return source.open(file);
      if (!Object.hasOwn(files, file)) return undefined;
      const { size, sha256 } = files[file];
      let from = source;
      let reader = await source.open(file);
      if (!reader && encoder !== undefined && encoderSource) {
        from = encoderSource(encoder);
        reader = await from.open(file);
      }
      const where = `${from.name}/${file}`;
      if (!reader) {
        const lists = `${source.name}/config.json`;
        const moved = ' (a model that names its encoder moves with it; train --standalone copies it)';
        throw new DataError(
          from === source
            ? `${where}: expected as config.json lists it, got no such file`
            : `${where}: expected as the encoder that ${lists} names, ${encoder}, got no such file${moved}`,
        );
      }
      if (reader.size !== size) {
        await reader.close();
        throw new DataError(`${where}: expected ${size} bytes, got ${reader.size}`);
      }
      return verifiedReader(reader, where, sha256, newSha256());
    },
  };
}

/** The manifest in the config.json of a model in our own form. */
export async function readManifest(source: ModelSource): Promise<Manifest | undefined> {
  const where = `${source.name}/config.json`;
  const bytes = await readBytes(source, 'config.json', LIMITS.configBytes);
  const config = bytes && parseJson(bytes, where);
  return isObject(config) && config.bertwasm !== undefined ? parseManifest(config.bertwasm, where) : undefined;
}

function verifiedReader(reader: ByteReader, where: string, sha256: string, hash: Sha256): ByteReader {
  let at = 0;
  let done = false;
  return {
    size: reader.size,
    async read(into) {
      await reader.read(into);
      hash.update(into);
      at += into.length;
      if (at < reader.size || done) return;
      done = true;
      const got = hash.digest();
      if (got !== sha256) throw new DataError(`${where}: expected SHA-256 ${sha256}, got ${got}`);
    },
    close: () => reader.close(),
  };
}
