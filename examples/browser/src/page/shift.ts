interface Span {
  start: number;
  end: number;
}

/**
 * Spans of a text that still hold in the text it was changed to: those ahead of the change as they were, those behind it moved. What is being
 * typed into is dropped until it is read anew, so that no mark flickers and none is wrong.
 */
export function shiftSpans<S extends Span>(spans: readonly S[], from: string, to: string): S[] {
  const shorter = Math.min(from.length, to.length);
  let ahead = 0;
  while (ahead < shorter && from[ahead] === to[ahead]) ahead++;
  let behind = 0;
  while (behind < shorter - ahead && from.at(-1 - behind) === to.at(-1 - behind)) behind++;
  const moved = to.length - from.length;
  return spans.flatMap((span) => {
    if (span.end <= ahead) return [span];
    if (span.start < from.length - behind) return [];
    return [{ ...span, start: span.start + moved, end: span.end + moved }];
  });
}
