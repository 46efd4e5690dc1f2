import { type ModelSource, PIECE_BYTES } from '../model/source.ts';

/** As transformers.js tells it. */
export interface Progress {
  status: 'progress';
  /** The model. */
  name: string;
  file: string;
  /** Bytes read so far. */
  loaded: number;
  /** Bytes of the file, where they are known. */
  total?: number;
  /** Of 100, where `total` is known. */
  progress?: number;
}

/** The same source, telling of each file's bytes as they are read. */
export function watchedSource(source: ModelSource, callback: (progress: Progress) => void): ModelSource {
  return {
    name: source.name,
    async open(file) {
      const reader = await source.open(file);
      if (!reader) return undefined;
      const { size: total } = reader;
      let loaded = 0;
      return {
        ...reader,
        async read(into) {
          let at = 0;
          let count: number;
          do {
            count = await reader.read(into.subarray(at, at + PIECE_BYTES));
            at += count;
            loaded += count;
            const progress = total ? (100 * loaded) / total : undefined;
            callback({ status: 'progress', name: source.name, file, loaded, total, progress });
          } while (count > 0 && at < into.length);
          return at;
        },
      };
    },
  };
}
