/** ids and mask [B, T] of the longest sequence's T, as every ONNX export takes a batch. */
export function padded(batch, Tensor) {
  const shape = [batch.length, Math.max(...batch.map((ids) => ids.length))];
  const ids = new BigInt64Array(shape[0] * shape[1]);
  const mask = new BigInt64Array(ids.length);
  batch.forEach((sequence, b) => {
    const start = b * shape[1];
    for (let t = 0; t < sequence.length; t++) ids[start + t] = BigInt(sequence[t]);
    mask.fill(1n, start, start + sequence.length);
  });
  return { input_ids: new Tensor('int64', ids, shape), attention_mask: new Tensor('int64', mask, shape) };
}
