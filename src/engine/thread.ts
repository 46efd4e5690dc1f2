import type { ModelConfig } from '../model/config.ts';
import { Control } from './control.ts';
import { Encoder } from './encoder.ts';
import { instantiate } from './kernels.ts';
import type { Activations } from './memory.ts';
import type { Weights } from './weights.ts';

/** All that a thread needs to compute its part of a piece, as it is posted to it. */
export interface ThreadSetup {
  control: SharedArrayBuffer;
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  config: ModelConfig;
  weights: Weights;
  activations: Activations;
}

/** What a thread does until the model is disposed of. */
export function runThread({ control, module, memory, config, weights, activations }: ThreadSetup): void {
  const encoder = new Encoder(config, instantiate(module, memory), weights, activations);
  new Control(control).serve((member, sequences, observed) => {
    const starts = new Int32Array(memory.buffer, activations.starts, sequences + 1);
    encoder.forward({ starts, tokens: starts[sequences], observed }, undefined, member);
  });
}
