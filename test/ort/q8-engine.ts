import type { Model } from '../../src/engine/model.ts';

/** What the engine computes of one sequence, under the names that q8Graph gives its outputs. */
export function engineOutputs(model: Model, ids: readonly number[]): Map<string, Float32Array> {
  const outputs = new Map<string, Float32Array>();
  const { dim: D, layers, head } = model.config;
  model.observeInputs(ids, (input, rows) => outputs.set(`input:${input}`, rows.slice()));
  const [states] = model.tokenFeatures([ids], 'layers');
  const P = D * (layers + 1);
  for (let layer = 0; layer <= layers; layer++) {
    const column = layer * D;
    outputs.set(
      `hidden:${layer}`,
      states.filter((_, i) => i % P >= column && i % P < column + D),
    );
  }
  if (head === 'sequence') outputs.set('logits', model.logits([ids]));
  if (head === 'token') outputs.set('logits', model.tokenLogits([ids])[0]);
  return outputs;
}
