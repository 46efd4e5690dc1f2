import { isUtf8 } from 'node:buffer';
import { DataError } from '../errors.ts';

/** A line must fit in memory; a longer one is taken for a file without lines. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

const NEWLINE = 0x0a;
/** The CR of a CRLF ends its line. */
const LONE_CR = /\r./s;

/** One line of a file, without its newline. */
export interface Line {
  /** For messages: `file:line`. */
  place: string;
  text: string;
}

/**
 * Cuts a byte stream into lines and checks that they are UTF-8; a byte order mark is dropped. A carriage return within
 * the first line tells a file whose lines end in CR alone (old Mac OS): it would be one line. One yield a read, with
 * the lines it completed: whoever writes a line and waits gets an answer. Lines ahead of a fault are yielded before the
 * fault is thrown.
 *
 * @throws DataError naming `name` and the line
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Line[]> {
  let count = 0;
  let rest: Uint8Array[] = [];
  let restBytes = 0;

  function* take(block: Buffer): Generator<Line[]> {
    const valid = isUtf8(block) ? block.length : validBytes(block);
    const texts = valid < 0 ? [] : block.toString('utf8', 0, valid).split('\n');
    if (count === 0 && texts[0]?.startsWith('\uFEFF')) texts[0] = texts[0].slice(1);
    if (count === 0 && texts.length > 0 && LONE_CR.test(texts[0])) {
      throw new DataError(`${name}:1: expected lines that end in LF or CRLF, got a lone CR`);
    }
    if (texts.length > 0) yield texts.map((text) => ({ place: `${name}:${++count}`, text }));
    if (valid < block.length) throw new DataError(`${name}:${count + 1}: expected UTF-8 text, got other bytes`);
  }

  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end >= 0) {
      yield* take(Buffer.concat([...rest, chunk.subarray(0, end)]));
      rest = [];
      restBytes = 0;
    }
    rest.push(chunk.subarray(end + 1));
    restBytes += chunk.length - (end + 1);
    if (restBytes > MAX_LINE_BYTES) {
      throw new DataError(`${name}:${count + 1}: expected a line of at most ${MAX_LINE_BYTES} bytes, got more`);
    }
  }
  if (restBytes > 0) yield* take(Buffer.concat(rest));
}

/** Bytes of the whole lines ahead of the first line that is not UTF-8, without the last newline; -1 for none. */
function validBytes(block: Buffer): number {
  let start = 0;
  for (;;) {
    const newline = block.indexOf(NEWLINE, start);
    if (!isUtf8(block.subarray(start, newline < 0 ? block.length : newline))) return start - 1;
    start = newline + 1;
  }
}
