import type { Graph } from './graph.ts';
import type { Value } from './onnx.ts';
import { reshape } from './operations/layout.ts';
import { type Parameter, size } from './parameters.ts';

/**
 * Parameters that share one tensor of the training state: their weights, and Adam's moments, lie in it one after the other. One to a unit on the CPU
 * provider, where each is small enough for the cache; all that decay and all that don't in a `Scan`, where a GPU would start
 * hundreds of small kernels for each step.
 */
export interface Unit {
  name: string;
  shape: readonly number[];
  decays: boolean;
  parameters: readonly Parameter[];
}

/** What a unit keeps: weights, and Adam's moments as adamw.ts has them. */
export const KINDS = ['weight', 'mean', 'square'] as const;
export type Kind = (typeof KINDS)[number];

/** The graph's input for a part of the state; its output is {@link newName}. */
export function stateName(kind: Kind, { name }: Unit): string {
  return `${kind}:${name}`;
}

export function newName(kind: Kind, { name }: Unit): string {
  return `new_${kind}:${name}`;
}

export function unitsByTensor(parameters: readonly Parameter[]): Unit[] {
  return parameters.map((parameter) => {
    const { name, shape, decays } = parameter;
    return { name, shape, decays, parameters: [parameter] };
  });
}

/** Rows of D values: a flat vector made onnxruntime's Split and Concat on CUDA ship 363 MB a step. What is no multiple of D stays alone. */
export function unitsByRows(parameters: readonly Parameter[], D: number): Unit[] {
  const inRows = parameters.filter(({ shape }) => size(shape) % D === 0);
  const alone = parameters.filter(({ shape }) => size(shape) % D !== 0);
  const groups = [true, false].map((decays) => {
    const members = inRows.filter((parameter) => parameter.decays === decays);
    const rows = members.reduce((sum, { shape }) => sum + size(shape) / D, 0);
    return { name: decays ? 'decayed' : 'plain', shape: [rows, D], decays, parameters: members };
  });
  return [...groups.filter(({ parameters }) => parameters.length > 0), ...unitsByTensor(alone)];
}

/** The parameters' values out of a unit's tensor. */
export function split(graph: Graph, unit: Unit, tensor: Value): [name: string, value: Value][] {
  const { parameters, shape } = unit;
  if (parameters.length === 1 && `${parameters[0].shape}` === `${shape}`) return [[parameters[0].name, tensor]];
  const [, D] = shape;
  const rows = parameters.map((parameter) => size(parameter.shape) / D);
  const parts = graph.nodes(
    'Split',
    [tensor, graph.integers(rows)],
    rows.map((count) => ({ type: 'float32', shape: [count, D] })),
    { axis: 0 },
  );
  return parameters.map(({ name, shape }, i) => [name, reshape(graph, parts[i], shape, shape)]);
}

/** The inverse of {@link split}. */
export function join(graph: Graph, unit: Unit, of: (name: string) => Value): Value {
  const { parameters, shape } = unit;
  const values = parameters.map(({ name }) => of(name));
  if (values.length === 1 && `${values[0].shape}` === `${shape}`) return values[0];
  const [, D] = shape;
  const parts = values.map((value) => reshape(graph, value, [-1, D], [size(value.shape as number[]) / D, D]));
  return graph.node('Concat', parts, shape, { axis: 0 });
}
