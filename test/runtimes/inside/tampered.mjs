/**
 * The bytes of a stream, cut after `length` of them, or with one bit of byte `flip` changed.
 *
 * @param body a ReadableStream of bytes
 */
export function tampered(body, { length = Infinity, flip = -1 }) {
  let at = 0;
  return body.pipeThrough(
    new TransformStream({
      transform(piece, controller) {
        const bytes = piece.slice(0, Math.max(0, length - at));
        if (flip >= at && flip < at + bytes.length) bytes[flip - at] ^= 1;
        at += piece.length;
        if (bytes.length > 0) controller.enqueue(bytes);
      },
    }),
  );
}
