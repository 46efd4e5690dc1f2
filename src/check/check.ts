import { chooseBuild, type KernelBinaries } from '../engine/kernels.ts';
import { Model } from '../engine/model.ts';
import { loadConfig, type ModelConfig } from '../model/config.ts';
import { floatWeights } from '../model/float-weights.ts';
import { Head, headShapes } from '../model/head.ts';
import { floatFiles } from '../model/hugging-face.ts';
import { encoderTensors } from '../model/names.ts';
import type { ModelSource } from '../model/source.ts';
import { bytesSource } from '../model/sources/bytes.ts';
import { q8Graph } from '../ort/q8/graph.ts';
import { q8Tensors } from '../ort/q8/tensors.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { AdamOptions } from '../train/adamw.ts';
import { decisions } from './decisions.ts';
import { drift, keepingCls } from './drift.ts';
import { type Found, GATES, type Gate, gatesOf } from './gates.ts';
import { engineHeadSide, graphHeadSide } from './head-sides.ts';
import { compareHeads, type HeadComparison } from './heads.ts';
import { compareLayers, firstDifference } from './layers.ts';
import { engineSide, fp32Side, q8Side } from './sides.ts';
import { type HeadTask, vectorsOf } from './vectors.ts';

export interface CheckInput {
  /** A model in our own form. */
  source: ModelSource;
  tokenizer: Tokenizer;
  kernels: KernelBinaries;
  /** The checkpoint of floats that it was made of; without it, what its integers mean. */
  floats?: ModelSource;
  /** Token ids of each text. */
  texts: readonly (readonly number[])[];
  /**
   * What the head should say of each text: its label id, that of each token where the head labels those, 1 or 0 for each label where there may be
   * several; below 0 where that is not known.
   */
  given?: readonly (readonly number[])[];
  /** Steps of training. */
  steps: number;
}

export interface CheckResult extends Found {
  gates: Gate[];
  passed: boolean;
}

const ADAM: AdamOptions = {
  weight_decay: 0.01,
  adam_beta1: 0.9,
  adam_beta2: 0.999,
  adam_epsilon: 1e-8,
  max_grad_norm: 1,
};
const LEARNING_RATE = 1e-3;
const BATCH = 16;

/**
 * Holds the engine and ONNX Runtime against each other on texts: (a) q8 against the exact q8 graph, (b) f32 against the fp32 graph, (c) q8 against f32, (d) the
 * gradients of a head, (e) its training.
 *
 * @throws UsageError where onnxruntime-node can't be had
 * @throws DataError where the model is invalid
 */
export async function check(input: CheckInput): Promise<CheckResult> {
  const { source, texts, given, kernels } = input;
  const config = await loadConfig(source);
  const quantised = await Model.load(source, config, kernels);
  const tensors = await q8Tensors(source, config);
  const { model, weights } = await floatModel(input, config, quantised.head);
  const decide = decisions(config);

  const [ours, exact] = [keepingCls(engineSide(quantised), config.dim), await q8Side(q8Graph(config), tensors)];
  const [float, graph] = [
    keepingCls(engineSide(model), config.dim),
    await fp32Side({ ...config, bertwasm: undefined }, weights),
  ];
  const q8 = await compareLayers(texts, ours, exact, decide, GATES.hidden);
  const fp32 = await compareLayers(texts, float, graph, decide, GATES.hidden);
  await exact.close();
  await graph.close();
  let difference: Found['difference'];
  if (q8.parted) {
    const inner = await q8Side(q8Graph(config, { inputs: true }), tensors);
    difference = await firstDifference(texts[q8.parted.text], ours, inner);
    await inner.close();
  }
  const both = texts.map((_, i) => ({ q8: ours.kept[i], fp32: float.kept[i] }));
  const found: Found = {
    q8,
    difference,
    fp32,
    drift: drift(both, { layers: config.layers, D: config.dim, decide }, given),
    head: await trainHeads(vectorsOf(texts, given, quantised), input.steps, kernels),
  };
  const gates = gatesOf(found);
  return { gates, passed: gates.every(({ passed }) => passed), ...found };
}

/** The encoder in floats, under the head of the same checkpoint, or, where that has none of the kind, under the head in use. */
async function floatModel(
  { source, floats = source, tokenizer, kernels }: CheckInput,
  config: ModelConfig,
  head: Head | undefined,
): Promise<{ model: Model; weights: Map<string, Float32Array> }> {
  const floatConfig = await loadConfig(floats);
  const weights = await floatWeights(floats, floatConfig);
  const bare: ModelConfig = { ...config, modelType: 'distilbert', head: 'none', labels: [], bertwasm: undefined };
  const encoder = new Map([...encoderTensors(bare).keys()].map((name) => [name, weights.get(name) as Float32Array]));
  const files = floatFiles({
    config: bare,
    weights: encoder,
    tokenizer: tokenizer.toJSON(),
    maxLength: config.positions,
  });
  const bytes = bytesSource('the float model', files);
  const { layerNormEps } = config;
  const model = await Model.load(bytes, { ...(await loadConfig(bytes)), layerNormEps }, kernels);
  if (head) {
    const names = [...headShapes(head.config).keys()];
    const same =
      `${floatConfig.labels}` === `${config.labels}` &&
      names.every((name) => weights.get(name)?.length === head.tensors.get(name)?.length);
    const tensors = new Map(names.map((name) => [name, (same ? weights : head.tensors).get(name) as Float32Array]));
    model.use(new Head({ ...head.config, encoder: undefined }, tensors));
  }
  return { model, weights };
}

async function trainHeads({ head, set }: HeadTask, steps: number, kernels: KernelBinaries): Promise<HeadComparison> {
  const { module } = await chooseBuild(kernels, 'auto');
  const rows = set.features.count;
  const batches = Array.from({ length: steps }, (_, step) =>
    Array.from({ length: Math.min(BATCH, rows) }, (_, i) => (step * BATCH + i) % rows),
  );
  const [first, second] = [engineHeadSide(module, head, set, ADAM, BATCH), await graphHeadSide(head, set, ADAM)];
  try {
    return await compareHeads(first, second, batches, LEARNING_RATE);
  } finally {
    await second.close();
  }
}
