import type { ModelConfig } from '../model/config.ts';
import type { Kernels } from './kernels.ts';
import type { Activations } from './memory.ts';
import type { LinearWeights, NormWeights, Weights } from './weights.ts';

export interface EncoderObserver {
  /** Sees the input of each linear layer, f32 [T, K] at `pointer`, under the `input` name of `encoderLinears`. */
  input?(input: string, pointer: number, K: number): void;
  /** Called when `x` holds the hidden states of a layer: 0 for the embeddings, then 1 for each layer. */
  hidden?(layer: number): void;
}

/** Tokens of the sequences laid end to end: sequence b is at starts[b] .. starts[b + 1]. */
export interface Piece {
  starts: number[];
  /** T of the whole piece, the last of `starts`. */
  tokens: number;
}

/**
 * The forward pass of DistilBERT's encoder (Sanh et al. 2019; transformers, modeling_distilbert.py): ids at
 * `activations.ids` become hidden states f32 [T, D] at `activations.x`.
 *
 * Linear layers see all tokens of the piece at once, attention one sequence at a time; no token is padding.
 */
export class Encoder {
  readonly #config: ModelConfig;
  readonly #kernels: Kernels;
  readonly #weights: Weights;
  readonly #activations: Activations;

  constructor(config: ModelConfig, kernels: Kernels, weights: Weights, activations: Activations) {
    this.#config = config;
    this.#kernels = kernels;
    this.#weights = weights;
    this.#activations = activations;
  }

  forward({ starts, tokens: T }: Piece, observer: EncoderObserver = {}): void {
    const { dim: D, heads: H, hiddenDim: F } = this.#config;
    const { x, y, wide, attention } = this.#activations;
    const kernels = this.#kernels;
    this.#embed(starts);
    observer.hidden?.(0);
    this.#weights.layers.forEach((layer, i) => {
      const name = `transformer.layer.${i}`;
      observer.input?.(`${name}.attention`, x, D);
      this.#linear(layer.qkv, x, T, wide);
      for (let b = 0; b + 1 < starts.length; b++) {
        const length = starts[b + 1] - starts[b];
        const [qkv, context] = [wide + starts[b] * D * 12, y + starts[b] * D * 4];
        if (layer.qkv.scale) kernels.attentionQ8(qkv, length, D, H, 0, H, attention, context);
        else kernels.attention(qkv, length, D, H, attention, context);
      }
      observer.input?.(`${name}.attention.out_lin`, y, D);
      this.#linear(layer.out, y, T, wide);
      this.#addNorm(layer.attentionNorm, wide, T);
      observer.input?.(`${name}.ffn.lin1`, x, D);
      this.#linear(layer.hidden, x, T, wide);
      kernels[this.#config.activation](wide, T * F);
      observer.input?.(`${name}.ffn.lin2`, wide, F);
      this.#linear(layer.output, wide, T, y);
      this.#addNorm(layer.outputNorm, y, T);
      observer.hidden?.(i + 1);
    });
  }

  #embed(starts: number[]): void {
    const { dim: D, layerNormEps } = this.#config;
    const { words, wordScale, positions, embeddingNorm } = this.#weights;
    const { ids, x } = this.#activations;
    for (let b = 0; b + 1 < starts.length; b++) {
      const T = starts[b + 1] - starts[b];
      const [from, to] = [ids + starts[b] * 4, x + starts[b] * D * 4];
      if (wordScale) this.#kernels.embedQ8(from, T, D, words, wordScale, positions, to);
      else this.#kernels.embedF32(from, T, D, words, positions, to);
    }
    const T = starts[starts.length - 1];
    this.#kernels.layerNorm(x, T, D, embeddingNorm.gain, embeddingNorm.bias, layerNormEps);
  }

  #linear(
    { n, k, weight, bias, scale, columnTerm, columns, outlierWeight }: LinearWeights,
    from: number,
    T: number,
    to: number,
  ): void {
    if (!scale) {
      this.#kernels.matmulF32(from, k * 4, weight, bias, to, n * 4, T, n, k);
      return;
    }
    const { packed, rowScale, rowTerm, outliers } = this.#activations;
    const C = this.#weights.outliers;
    this.#kernels.quantizeRows(from, k * 4, T, k, columns, C, packed, rowScale, rowTerm, outliers);
    this.#kernels.linearQ8(
      packed,
      rowScale,
      rowTerm,
      outliers,
      T,
      k,
      weight,
      scale,
      bias,
      columnTerm,
      outlierWeight,
      C,
      n,
      to,
      n * 4,
    );
  }

  #addNorm({ gain, bias }: NormWeights, added: number, T: number): void {
    const { dim: D, layerNormEps } = this.#config;
    this.#kernels.addLayerNorm(this.#activations.x, added, T, D, gain, bias, layerNormEps);
  }
}
