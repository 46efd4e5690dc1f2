import { chooseBuild, type KernelBinaries } from '../engine/kernels.ts';
import { Model } from '../engine/model.ts';
import { loadConfig, type ModelConfig } from '../model/config.ts';
import { floatWeights } from '../model/float-weights.ts';
import { featureWidth, Head, type HeadConfig } from '../model/head.ts';
import { huggingFaceFiles } from '../model/hugging-face.ts';
import { encoderTensors } from '../model/names.ts';
import { bytesSource, type ModelSource } from '../model/source.ts';
import { q8Tensors } from '../ort/q8/tensors.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { AdamOptions } from '../train/adamw.ts';
import type { FeatureSet } from '../train/features.ts';
import { initialHead } from '../train/initial-head.ts';
import { MemoryFeatures } from '../train/memory-features.ts';
import { predictions } from '../train/metrics.ts';
import { type Drift, drift } from './drift.ts';
import { engineHeadSide, graphHeadSide } from './head-sides.ts';
import { compareHeads, type HeadComparison } from './heads.ts';
import { compareLayers, firstDifference, type LayerComparison } from './layers.ts';
import { engineSide, fp32Side, type Outputs, q8Side } from './sides.ts';

/** What a check may find at most, or at least. */
export const GATES = {
  /** Largest absolute difference of a hidden state, engine against graph. */
  hidden: 1e-4,
  /** Mean cosine of [CLS], q8 against fp32. */
  cosine: 0.9996,
  /** Part of the labels that are equal, q8 against fp32. */
  labels: 0.995,
  /** Relative L2 of the gradient of each tensor, and of all weights after the steps. */
  head: 1e-5,
} as const;

export interface CheckInput {
  /** A model in our own form. */
  source: ModelSource;
  tokenizer: Tokenizer;
  kernels: KernelBinaries;
  /** The checkpoint of floats that it was made of; without it, what its integers mean. */
  floats?: ModelSource;
  /** Token ids of each text. */
  texts: readonly (readonly number[])[];
  /** Label ids of each text, of each token where the head labels those: below 0 where there is none. */
  given?: readonly (readonly number[])[];
  /** Steps of training. */
  steps: number;
}

/** One line of the result: a figure and what it may be. */
export interface Gate {
  check: 'a' | 'b' | 'c' | 'd' | 'e';
  name: string;
  figure: number;
  most?: number;
  least?: number;
  passed: boolean;
  /** Where a broken one shows first: a text and a layer, or a tensor. */
  where?: string;
}

export interface CheckResult {
  gates: Gate[];
  passed: boolean;
  q8: LayerComparison;
  fp32: LayerComparison;
  drift: Drift;
  head: HeadComparison;
}

const ADAM: AdamOptions = {
  weight_decay: 0.01,
  adam_beta1: 0.9,
  adam_beta2: 0.999,
  adam_epsilon: 1e-8,
  max_grad_norm: 1,
};
const LEARNING_RATE = 1e-3;
/** Vectors of a step, and of all: more only take time. */
const BATCH = 16;
const VECTORS = 512;

/**
 * Holds the engine and ONNX Runtime against each other on texts: (a) q8 against the exact q8 graph, (b) f32 against the fp32 graph, (c) q8 against f32, (d) the
 * gradients of a head, (e) its training.
 *
 * @throws UsageError where onnxruntime-node can't be had
 * @throws DataError where the model is invalid
 */
export async function check(input: CheckInput): Promise<CheckResult> {
  const { source, floats, texts, given, kernels } = input;
  const config = await loadConfig(source);
  const quantised = await Model.load(source, config, kernels);
  const floatConfig = floats ? await loadConfig(floats) : config;
  const weights = await floatWeights(floats ?? source, floatConfig);
  const model = await floatModel(input, config, weights, quantised.head);

  const tensors = await q8Tensors(source, config);
  const [ours, exact] = [engineSide(quantised), await q8Side(config, tensors)];
  const [float, graph] = [engineSide(model), await fp32Side({ ...config, bertwasm: undefined }, weights)];
  const L = config.labels.length;
  const q8 = await compareLayers(texts, ours, exact, L, GATES.hidden);
  const fp32 = await compareLayers(texts, float, graph, L, GATES.hidden);
  await exact.close();
  await graph.close();
  const both: { q8: Outputs; fp32: Outputs }[] = [];
  for (const ids of texts) both.push({ q8: await ours.run(ids), fp32: await float.run(ids) });
  const drifted = drift(both, { layers: config.layers, D: config.dim, L }, given);
  const trained = await trainHeads(input, config, quantised);

  const q8Where = q8.parted && (await located(q8.parted, texts, config, tensors, quantised));
  const gates = [
    most('a', 'q8 engine against q8 graph, hidden states', largest(q8), GATES.hidden, q8Where),
    least('a', 'labels equal', q8.labelsEqual, 1),
    most('b', 'f32 engine against fp32 graph, hidden states', largest(fp32), GATES.hidden, parted(fp32)),
    least('c', 'q8 against fp32, cosine of [CLS], mean', drifted.cosine.mean, GATES.cosine),
    least('c', 'labels equal', drifted.labelsEqual, GATES.labels),
    ...worst('d', 'gradients of a head, the worst tensor', trained.gradients),
    { ...most('e', `weights of a head after ${input.steps} steps`, trained.weights, GATES.head), ...farthest(trained) },
  ];
  return { gates, passed: gates.every(({ passed }) => passed), q8, fp32, drift: drifted, head: trained };
}

/** The encoder in floats, under the head in use. */
async function floatModel(
  { tokenizer, kernels }: CheckInput,
  config: ModelConfig,
  weights: ReadonlyMap<string, Float32Array>,
  head: Head | undefined,
): Promise<Model> {
  const bare: ModelConfig = { ...config, modelType: 'distilbert', head: 'none', labels: [], bertwasm: undefined };
  const encoder = new Map([...encoderTensors(bare).keys()].map((name) => [name, weights.get(name) as Float32Array]));
  const files = huggingFaceFiles({
    config: bare,
    weights: encoder,
    tokenizer: tokenizer.toJSON(),
    maxLength: config.positions,
  });
  const source = bytesSource('the float model', files);
  const model = await Model.load(source, await loadConfig(source), kernels);
  if (head) model.use(new Head({ ...head.config, encoder: undefined }, head.tensors));
  return model;
}

/** A new head of the model's own kind, or a classifier of two labels, on the vectors of the texts. */
async function trainHeads({ texts, given, steps, kernels }: CheckInput, config: ModelConfig, model: Model) {
  const own = model.head?.config;
  const headConfig: HeadConfig = own ?? {
    task: 'sequence',
    labels: ['0', '1'],
    problemType: 'single_label_classification',
    pooling: 'cls',
    preClassifier: true,
    dim: config.dim,
    width: config.dim,
  };
  const set = vectorsOf(texts, given, headConfig, config, model);
  const head = initialHead({ ...headConfig, encoder: undefined }, 1);
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

/** The labels are those given, or what the model itself says. */
function vectorsOf(
  texts: CheckInput['texts'],
  given: CheckInput['given'],
  { task, labels, pooling, width, problemType }: HeadConfig,
  config: ModelConfig,
  model: Model,
): FeatureSet {
  const L = labels.length;
  const features = new MemoryFeatures(featureWidth(config, pooling));
  const targets: number[] = [];
  for (const [text, ids] of texts.entries()) {
    if (features.count >= VECTORS) break;
    if (task === 'token') {
      const [states] = model.tokenFeatures([ids], pooling);
      const said = predictions(model.tokenLogits([ids])[0], L);
      for (let t = 0; t < ids.length; t++) {
        features.append(states.subarray(t * width, (t + 1) * width));
        const label = given?.[text][t] ?? -1;
        targets.push(label >= 0 ? label : said[t]);
      }
    } else {
      features.append(model.features([ids], pooling));
      const label = given?.[text][0] ?? -1;
      const said = config.head === 'sequence' ? predictions(model.logits([ids]), L)[0] : text % 2;
      targets.push(label >= 0 ? label : said);
    }
  }
  const several = problemType === 'multi_label_classification';
  const oneHot = Float32Array.from({ length: targets.length * L }, (_, i) =>
    targets[Math.floor(i / L)] === i % L ? 1 : 0,
  );
  return {
    features,
    starts: Uint32Array.from({ length: features.count + 1 }, (_, i) => i),
    targets: several ? oneHot : Int32Array.from(targets),
  };
}

/** The very place where the q8 paths part: the first input of a linear layer, or hidden state, whose bits differ. */
async function located(
  { text, place }: { text: number; place: string },
  texts: CheckInput['texts'],
  config: ModelConfig,
  tensors: Awaited<ReturnType<typeof q8Tensors>>,
  model: Model,
): Promise<string> {
  const exact = await q8Side(config, tensors, { inputs: true });
  const first = await firstDifference(texts[text], engineSide(model), exact);
  await exact.close();
  return `text ${text + 1}, ${place}; the first bits that differ are those of ${first}`;
}

function largest({ places }: LayerComparison): number {
  return Math.max(...places.filter(({ name }) => name.startsWith('hidden')).map(({ largest }) => largest));
}

function parted({ parted }: LayerComparison): string | undefined {
  return parted && `text ${parted.text + 1}, ${parted.place}`;
}

function most(check: Gate['check'], name: string, figure: number, most: number, where?: string): Gate {
  const passed = figure <= most;
  return { check, name, figure, most, passed, ...(passed ? {} : { where }) };
}

function least(check: Gate['check'], name: string, figure: number, least: number): Gate {
  return { check, name, figure, least, passed: figure >= least };
}

function worst(check: Gate['check'], name: string, tensors: readonly { tensor: string; difference: number }[]): Gate[] {
  const last = tensors.reduce((a, b) => (b.difference > a.difference || Number.isNaN(b.difference) ? b : a));
  return [most(check, name, last.difference, GATES.head, last.tensor)];
}

function farthest({ weights, tensors }: HeadComparison): { where?: string } {
  if (weights <= GATES.head) return {};
  return { where: tensors.reduce((a, b) => (b.difference > a.difference ? b : a)).tensor };
}
