import { type AdamScalars, adamw, clipFactor, globalNorm, type Moments } from './adamw.ts';
import type { Graph } from './graph.ts';
import type { Value } from './onnx.ts';
import { join, KINDS, type Kind, newName, stateName, type Unit } from './state.ts';

export interface OptimizerOptions {
  beta1: number;
  beta2: number;
  /** 0 clips none. */
  maxGradNorm: number;
}

/** The state of each unit, as inputs that `state` makes. */
export function stateOf(
  units: readonly Unit[],
  state: (name: string, shape: readonly number[]) => Value,
): Map<Unit, Record<Kind, Value>> {
  const of = (unit: Unit) => KINDS.map((kind) => [kind, state(stateName(kind, unit), unit.shape)] as const);
  return new Map(units.map((unit) => [unit, Object.fromEntries(of(unit)) as Record<Kind, Value>]));
}

/**
 * Clip and AdamW: the new state by output name, then gradNorm.
 *
 * @param scalar what the host feeds for the step, f32 []: `decay`, `stepSize`, `epsilon`
 */
export function optimize(
  graph: Graph,
  options: OptimizerOptions,
  kept: ReadonlyMap<Unit, Moments>,
  gradients: ReadonlyMap<string, Value>,
  scalar: (name: string) => Value,
): Map<string, Value> {
  const gradNorm = globalNorm(graph, [...gradients.values()]);
  const clips = options.maxGradNorm > 0;
  // Where nothing is clipped it is 1, and still in the way of every update: sessions write the new state over the old one, and onnxruntime orders nodes by
  // what they read alone. Without it new weights were there before the backward pass had read the old ones.
  const clip = clipFactor(graph, gradNorm, clips ? options.maxGradNorm : Number.POSITIVE_INFINITY);
  const fed = scalar('stepSize');
  const stepSize = clips ? fed : graph.node('Mul', [fed, clip], []);
  const scalars: AdamScalars = { decay: scalar('decay'), stepSize, epsilon: scalar('epsilon') };
  const results = new Map<string, Value>();
  for (const [unit, moments] of kept) {
    const whole = join(graph, unit, (name) => gradients.get(name) as Value);
    const gradient = clips ? graph.node('Mul', [whole, clip], unit.shape) : whole;
    const updated = adamw(graph, moments, gradient, scalars, { ...options, decays: unit.decays });
    for (const kind of KINDS) results.set(newName(kind, unit), updated[kind]);
  }
  return results.set('gradNorm', gradNorm);
}
