import type { ModelConfig } from '../model/config.ts';
import type { Kernels } from './kernels.ts';
import { ALONE, type Member, shareOf } from './member.ts';
import type { Activations } from './memory.ts';
import type { LinearWeights, NormWeights, Weights } from './weights.ts';

export interface EncoderObserver {
  /** Sees the input of each linear layer, f32 [T, K] at `pointer`, under the `input` name of `encoderLinears`; alone only. */
  input?(input: string, pointer: number, K: number): void;
  /** Called when `x` holds the hidden states of a layer: 0 for the embeddings, then 1 for each layer. */
  hidden?(layer: number): void;
}

/** Tokens of the sequences laid end to end: sequence b is at starts[b] .. starts[b + 1]. */
export interface Piece {
  starts: ArrayLike<number>;
  /** T of the whole piece, the last of `starts`. */
  tokens: number;
  /** Whether all wait for the observer at each layer. */
  observed?: boolean;
}

/**
 * The forward pass of DistilBERT's encoder (Sanh et al. 2019; transformers, modeling_distilbert.py): ids at
 * `activations.ids` become hidden states f32 [T, D] at `activations.x`.
 *
 * Linear layers see all tokens of the piece at once, attention one sequence at a time; no token is padding.
 *
 * Where several compute, each has rows of its own and, in attention, heads of sequences. What a row becomes depends on no
 * other but there, so results are the same bits in any number, and two meetings a layer are enough.
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

  forward(piece: Piece, observer: EncoderObserver = {}, member: Member = ALONE): void {
    const { dim: D, hiddenDim: F, activation } = this.#config;
    const { wide, wideBytes, qkvBytes, ...activations } = this.#activations;
    const rows = shareOf(piece.tokens, member);
    const T = rows.to - rows.from;
    const x = activations.x + rows.from * D * 4;
    const y = activations.y + rows.from * D * 4;
    const own = wide + rows.from * wideBytes;
    const hidden = (layer: number) => {
      if (piece.observed) member.meet();
      observer.hidden?.(layer);
      if (piece.observed) member.meet();
    };

    this.#embed(piece.starts, rows);
    hidden(0);
    this.#weights.layers.forEach((layer, i) => {
      const name = `transformer.layer.${i}`;
      observer.input?.(`${name}.attention`, x, D);
      this.#linear(layer.qkv, x, rows, wide + rows.from * qkvBytes, qkvBytes);
      member.meet();
      this.#attention(piece.starts, member);
      member.meet();
      observer.input?.(`${name}.attention.out_lin`, y, D);
      this.#linear(layer.out, y, rows, own, D * 4);
      this.#addNorm(layer.attentionNorm, x, own, T);
      observer.input?.(`${name}.ffn.lin1`, x, D);
      this.#linear(layer.hidden, x, rows, own, F * 4);
      this.#kernels[activation](own, T * F);
      observer.input?.(`${name}.ffn.lin2`, own, F);
      this.#linear(layer.output, own, rows, y, D * 4);
      this.#addNorm(layer.outputNorm, x, y, T);
      hidden(i + 1);
    });
    member.meet();
  }

  #embed(starts: ArrayLike<number>, rows: Rows): void {
    const { dim: D, layerNormEps } = this.#config;
    const { words, wordScale, positions, embeddingNorm } = this.#weights;
    const { ids, x } = this.#activations;
    for (let b = 0; b + 1 < starts.length; b++) {
      const from = Math.max(rows.from, starts[b]);
      const T = Math.min(rows.to, starts[b + 1]) - from;
      if (T <= 0) continue;
      const position = positions + (from - starts[b]) * D * 4;
      const place = [ids + from * 4, T, D, words] as const;
      if (wordScale) this.#kernels.embedQ8(...place, wordScale, position, x + from * D * 4);
      else this.#kernels.embedF32(...place, position, x + from * D * 4);
    }
    const { gain, bias } = embeddingNorm;
    this.#kernels.layerNorm(x + rows.from * D * 4, rows.to - rows.from, D, gain, bias, layerNormEps);
  }

  /** Heads of sequences, as many as make this member's share of the work. */
  #attention(starts: ArrayLike<number>, { index, count }: Member): void {
    const { dim: D, heads: H } = this.#config;
    const { y, wide, qkvBytes, attention, attentionBytes } = this.#activations;
    const quantised = this.#weights.layers[0].qkv.scale !== 0;
    const scratch = attention + index * attentionBytes;
    const works = Array.from({ length: starts.length - 1 }, (_, b) => attentionWork(starts[b + 1] - starts[b]));
    const whole = works.reduce((sum, work) => sum + work, 0);
    let before = 0;
    works.forEach((work, b) => {
      const head = (share: number) => Math.round(Math.min(Math.max((whole * share - before) / work, 0), 1) * H);
      const [from, to] = [head(index / count), head((index + 1) / count)];
      before += work;
      if (from === to) return;
      const T = starts[b + 1] - starts[b];
      const qkv = wide + starts[b] * qkvBytes;
      const context = y + starts[b] * D * 4;
      if (quantised) this.#kernels.attentionQ8(qkv, qkvBytes, T, D, H, from, to, scratch, context);
      else this.#kernels.attention(qkv, qkvBytes, T, D, H, from, to, scratch, context);
    });
  }

  /** Rows f32 [T, K] end to end at `x` to f32 [T, N], row stride `yBytes`, at `y`: both pointers are those of the first of `rows`. */
  #linear(layer: LinearWeights, x: number, rows: Rows, y: number, yBytes: number): void {
    const { n, k, weight, bias, scale, columnTerm, columns, outlierWeight } = layer;
    const T = rows.to - rows.from;
    if (!scale) {
      this.#kernels.matmulF32(x, k * 4, weight, bias, y, yBytes, T, n, k);
      return;
    }
    const C = this.#weights.outliers;
    const packed = this.#activations.packed + rows.from * this.#activations.packedBytes;
    const rowScale = this.#activations.rowScale + rows.from * 4;
    const rowTerm = this.#activations.rowTerm + rows.from * 4;
    const outliers = this.#activations.outliers + rows.from * C * 4;
    this.#kernels.quantizeRows(x, k * 4, T, k, columns, C, packed, rowScale, rowTerm, outliers);
    const quantised = [packed, rowScale, rowTerm, outliers, T, k] as const;
    this.#kernels.linearQ8(...quantised, weight, scale, bias, columnTerm, outlierWeight, C, n, y, yBytes);
  }

  #addNorm({ gain, bias }: NormWeights, x: number, added: number, T: number): void {
    const { dim: D, layerNormEps } = this.#config;
    this.#kernels.addLayerNorm(x, added, T, D, gain, bias, layerNormEps);
  }
}

interface Rows {
  from: number;
  to: number;
}

/** What a head of a sequence costs beside others: packing keys and values takes as long as 80 tokens of scores. */
const attentionWork = (T: number): number => T * (T + 80);
