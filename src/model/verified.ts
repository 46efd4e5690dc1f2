import { DataError } from '../errors.ts';
import { LIMITS, type Manifest, type ManifestFile, parseManifest } from './config.ts';
import { isObject, parseJson } from './json.ts';
import { type ByteReader, expectEnd, type ModelSource, readBytes } from './source.ts';
import { bytesReader } from './sources/bytes.ts';
import type { FileStore } from './sources/cache.ts';
import { keepingReader } from './sources/keeping.ts';
import { partsReader } from './sources/parts.ts';

/** SHA-256 over bytes as they come; each platform brings its own (WebCrypto has no streaming one). */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** 64 hex digits; ends the hash. */
  digest(): string;
}

interface VerifiedOptions {
  /** The files of the model that a manifest's `encoder` names, unverified: these are checked here. */
  encoderSource?: (encoder: string) => ModelSource;
  /** Keeps files between visits: those of the manifest by their SHA-256, and config.json for when there is no network. */
  store?: FileStore;
  /** Under which config.json is kept, where the source's name is not enough. */
  configKey?: string;
}

/**
 * The same source, its files held against the manifest in its config.json where there is one (our own form): a file's
 * size as it is opened, its SHA-256 as the last byte is read. A file the manifest does not list is no part of the
 * model and is not found; one that it lists and that is not there is looked for where the manifest says the encoder is.
 * Without a manifest every file passes as it is.
 */
export function verifiedSource(
  source: ModelSource,
  newSha256: () => Sha256,
  { encoderSource, store, configKey = `${source.name}/${CONFIG_FILE}` }: VerifiedOptions = {},
): ModelSource {
  let config: Promise<Config> | undefined;
  /** SHA-256 of what is in the store, whole and right. */
  const held = new Set<string>();

  async function openOriginal(file: string, listed: ManifestFile, encoder: string | undefined): Promise<ByteReader> {
    let from = source;
    let reader = await openListed(source, file, listed);
    if (!reader && encoder !== undefined && encoderSource) {
      from = encoderSource(encoder);
      reader = await openListed(from, file, listed);
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
    if (reader.size !== undefined && reader.size !== listed.size) {
      await reader.close();
      throw new DataError(`${where}: expected ${listed.size} bytes, got ${reader.size}`);
    }
    return verifiedReader(reader, where, listed, newSha256());
  }

  /** Last, when every file it lists is kept: until then what was kept before is of use without a network. */
  async function keepConfig(keptNow: string): Promise<void> {
    const { bytes, manifest } = (await config) as Config;
    held.add(keptNow);
    for (const { sha256 } of Object.values(manifest?.files ?? {})) {
      if (!held.has(sha256) && !(await isKept(sha256))) return;
    }
    const body = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
    await store?.put(configKey, body).catch(() => {});
  }

  async function isKept(sha256: string): Promise<boolean> {
    const reader = await store?.get(sha256);
    await reader?.close();
    return reader !== undefined;
  }

  return {
    name: source.name,
    async open(file) {
      // Read once, unless it failed: what is checked is what is used.
      config ??= readConfig(source, store, configKey).catch((error) => {
        config = undefined;
        throw error;
      });
      const { bytes, manifest } = await config;
      if (file === CONFIG_FILE) return bytes && bytesReader(bytes, `${source.name}/${CONFIG_FILE}`);
      if (!manifest) return source.open(file);
      if (!Object.hasOwn(manifest.files, file)) return undefined;
      const listed = manifest.files[file];
      const { sha256 } = listed;
      const kept = await store?.get(sha256);
      if (store && kept) {
        const reader = verifiedReader(kept, `${source.name}/${file}`, listed, newSha256());
        return afterWhole(evicting(reader, store, sha256), () => keepConfig(sha256));
      }
      const original = await openOriginal(file, listed, manifest.encoder);
      return store ? keepingReader(original, store, sha256, () => keepConfig(sha256)) : original;
    },
  };
}

const CONFIG_FILE = 'config.json';

interface Config {
  bytes: Uint8Array | undefined;
  manifest: Manifest | undefined;
}

async function readConfig(source: ModelSource, store: FileStore | undefined, key: string): Promise<Config> {
  const read = async (from: ModelSource): Promise<Config> => {
    const bytes = await readBytes(from, CONFIG_FILE, LIMITS.configBytes);
    return { bytes, manifest: bytes && parseConfigManifest(bytes, `${source.name}/${CONFIG_FILE}`) };
  };
  try {
    return await read(source);
  } catch (error) {
    // No network, or a page of another kind in its place.
    const kept = store && (await read({ name: source.name, open: () => store.get(key) }));
    if (!kept?.bytes) throw error;
    return kept;
  }
}

/** The manifest in the config.json of a model in our own form. */
export async function readManifest(source: ModelSource): Promise<Manifest | undefined> {
  const bytes = await readBytes(source, CONFIG_FILE, LIMITS.configBytes);
  return bytes && parseConfigManifest(bytes, `${source.name}/${CONFIG_FILE}`);
}

function parseConfigManifest(bytes: Uint8Array, where: string): Manifest | undefined {
  const config = parseJson(bytes, where);
  return isObject(config) && config.bertwasm !== undefined ? parseManifest(config.bertwasm, where) : undefined;
}

/** A kept file that proves wrong is forgotten, so that the next load fetches it anew. */
function evicting(reader: ByteReader, store: FileStore, key: string): ByteReader {
  return {
    ...reader,
    read: (into) =>
      reader.read(into).catch(async (error) => {
        await store.delete(key).catch(() => {});
        throw error;
      }),
  };
}

/** The same reader, which tells when it is closed with all of its bytes read. */
function afterWhole(reader: ByteReader, done: () => Promise<void>): ByteReader {
  let left = reader.size as number;
  return {
    ...reader,
    async read(into) {
      const count = await reader.read(into);
      left -= count;
      return count;
    },
    async close() {
      await reader.close();
      if (left === 0) await done();
    },
  };
}

function openListed(source: ModelSource, file: string, { parts }: ManifestFile): Promise<ByteReader | undefined> {
  return parts ? partsReader(source, file, parts) : source.open(file);
}

function verifiedReader(reader: ByteReader, name: string, { size, sha256 }: ManifestFile, hash: Sha256): ByteReader {
  let at = 0;
  let done = false;
  return {
    name,
    size,
    async read(into) {
      if (done) return 0;
      const bytes = into.subarray(0, size - at);
      const count = await reader.read(bytes);
      hash.update(bytes.subarray(0, count));
      at += count;
      if (count < bytes.length) throw new DataError(`${name}: expected ${size} bytes, got ${at}`);
      if (at === size) {
        done = true;
        const got = hash.digest();
        if (got !== sha256) throw new DataError(`${name}: expected SHA-256 ${sha256}, got ${got}`);
        await expectEnd(reader);
      }
      return count;
    },
    close: () => reader.close(),
  };
}
