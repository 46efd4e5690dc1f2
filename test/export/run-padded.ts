import type * as ort from 'onnxruntime-node';

/**
 * What an exported model gives for sequences in one padded batch, by sequence.
 *
 * @param tokens whether that is a vector of each token: those of padding are cut off
 */
export async function runPadded(
  { InferenceSession, Tensor }: typeof ort,
  model: Uint8Array,
  batch: readonly (readonly number[])[],
  tokens: boolean,
): Promise<Float32Array[]> {
  const session = await InferenceSession.create(model);
  const longest = Math.max(...batch.map(({ length }) => length));
  const padded = (of: (ids: readonly number[], i: number) => number) => {
    const values = batch.flatMap((ids) => Array.from({ length: longest }, (_, i) => BigInt(of(ids, i))));
    return new Tensor('int64', BigInt64Array.from(values), [batch.length, longest]);
  };
  const results = await session.run({
    input_ids: padded((ids, i) => ids[i] ?? 0),
    attention_mask: padded((ids, i) => Number(i < ids.length)),
  });
  const { data, dims } = results[session.outputNames[0]];
  const values = data as Float32Array;
  await session.release();
  const each = values.length / batch.length;
  const width = dims[dims.length - 1];
  return batch.map((ids, b) => values.slice(b * each, b * each + (tokens ? ids.length * width : width)));
}
