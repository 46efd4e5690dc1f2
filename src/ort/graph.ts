import type { Attribute, DataType, Dim, Initializer, OnnxGraph, OnnxNode, Value } from './onnx.ts';

export type TypedData = Float32Array | Float64Array | Int32Array | Uint8Array | Int8Array | BigInt64Array;

/** Gradients of an operation's inputs, from that of its output; none for an input that no gradient flows to. */
type GradientRule = (outputGradient: Value) => readonly (Value | undefined)[];

interface Recorded {
  output: Value;
  inputs: readonly Value[];
  rule: GradientRule;
}

/**
 * An ONNX graph in the making, which records how each operation is differentiated. Operations live in operations/, each with its
 * nodes, the shape of its result and its gradient rule; this class knows none of them but addition of gradients.
 */
export class Graph {
  readonly #prefix: string;
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers = new Map<string, Initializer>();
  readonly #constants = new Map<string, Value>();
  readonly #inputs: Value[] = [];
  readonly #outputs: { name: string; value: Value }[] = [];
  readonly #recorded: Recorded[] = [];
  #names = 0;

  /** @param prefix of the names made here: those of a body must differ from those of the graph around it */
  constructor(prefix = '') {
    this.#prefix = prefix;
  }

  input(name: string, type: DataType, shape: readonly Dim[]): Value {
    const value = { name, type, shape };
    this.#inputs.push(value);
    return value;
  }

  /** A tensor held by the model; the same data gives the same tensor. */
  constant(type: DataType, shape: readonly number[], data: TypedData): Value {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const key = bytes.length <= 256 ? `${type} ${shape} ${bytes}` : undefined;
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known) return known;
    const value = this.initializer({ name: this.#fresh('constant'), type, shape, data: bytes });
    if (key !== undefined) this.#constants.set(key, value);
    return value;
  }

  /** A tensor under a name of its own. */
  initializer(initializer: Initializer): Value {
    this.#initializers.set(initializer.name, initializer);
    return initializer;
  }

  float(value: number): Value {
    return this.constant('float32', [], Float32Array.of(value));
  }

  integers(values: readonly number[]): Value {
    return this.constant('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  /** A node with one result. */
  node(
    op: string,
    inputs: readonly (Value | undefined)[],
    shape: readonly Dim[],
    attributes: Readonly<Record<string, Attribute>> = {},
    type: DataType = inputs[0]?.type ?? 'float32',
  ): Value {
    return this.nodes(op, inputs, [{ type, shape }], attributes)[0];
  }

  /** A node with any number of results. */
  nodes(
    op: string,
    inputs: readonly (Value | undefined)[],
    results: readonly { type: DataType; shape: readonly Dim[] }[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const outputs = results.map((result) => ({ ...result, name: this.#fresh(op) }));
    this.#nodes.push({
      op,
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: outputs.map(({ name }) => name),
      attributes,
    });
    return outputs;
  }

  /** Says how `output`, made of `inputs`, is differentiated. */
  differentiable(output: Value, inputs: readonly Value[], rule: GradientRule): Value {
    this.#recorded.push({ output, inputs, rule });
    return output;
  }

  /**
   * Adds the nodes that differentiate, in reverse, from `output` and its gradient to each of `parameters`.
   *
   * @returns the gradients in the order of `parameters`
   * @throws Error where one does not reach `output`: a graph was built wrong
   */
  backward(output: Value, outputGradient: Value, parameters: readonly Value[]): Value[] {
    const moving = new Set(parameters.map(({ name }) => name));
    for (const { output, inputs } of this.#recorded) {
      if (inputs.some(({ name }) => moving.has(name))) moving.add(output.name);
    }
    const gradients = new Map([[output.name, [outputGradient]]]);
    const gradientOf = ({ name, shape }: Value): Value | undefined => {
      const parts = gradients.get(name);
      return parts && parts.length > 1 ? this.node('Sum', parts, shape) : parts?.[0];
    };
    for (const { output, inputs, rule } of this.#recorded.slice().reverse()) {
      if (!moving.has(output.name)) continue;
      const gradient = gradientOf(output);
      if (!gradient) continue;
      for (const [i, part] of rule(gradient).entries()) {
        const input = inputs[i];
        if (!part || !moving.has(input.name)) continue;
        if (`${part.shape}` !== `${input.shape}`) {
          throw new Error(`gradient of ${input.name}: expected shape ${input.shape}, got ${part.shape}`);
        }
        const parts = gradients.get(input.name);
        if (parts) parts.push(part);
        else gradients.set(input.name, [part]);
      }
    }
    return parameters.map((parameter) => {
      const gradient = gradientOf(parameter);
      if (!gradient) throw new Error(`${parameter.name}: expected it to reach ${output.name}, got no gradient`);
      return gradient;
    });
  }

  /** Makes `value` a result of the graph, under this name. */
  output(name: string, value: Value): void {
    this.#outputs.push({ name, value });
  }

  /** The graph, without the nodes that no output needs: gradient rules may make more than is asked of them. */
  finish(name: string): OnnxGraph {
    const renamed = this.#renamed();
    const nameOf = (old: string) => renamed.get(old) ?? old;
    const identities = this.#outputs
      .filter(({ name, value }) => renamed.get(value.name) !== name)
      .map(({ name, value }) => ({ op: 'Identity', inputs: [nameOf(value.name)], outputs: [name], attributes: {} }));
    const needed = new Set(this.#outputs.map((output) => output.name));
    const nodes: OnnxNode[] = [];
    for (const node of [...this.#nodes, ...identities].reverse()) {
      const outputs = node.outputs.map(nameOf);
      if (!outputs.some((output) => needed.has(output))) continue;
      const kept = { ...node, inputs: node.inputs.map(nameOf), outputs };
      nodes.push(kept);
      for (const input of captured(kept)) needed.add(input);
    }
    return {
      name,
      nodes: nodes.reverse(),
      initializers: [...this.#initializers.values()].filter((initializer) => needed.has(initializer.name)),
      inputs: this.#inputs,
      outputs: this.#outputs.map(({ name, value }) => ({ ...value, name })),
    };
  }

  /**
   * Values that are made under the name of the output that they are, but for those that a body reads by their own. Identity nodes in their place would copy every new weight
   * and moment at each step: 20 of 1,030 ms for MiniLM.
   */
  #renamed(): Map<string, string> {
    const made = new Set(this.#nodes.flatMap(({ outputs }) => outputs));
    const inBodies = new Set(this.#nodes.flatMap((node) => captured({ ...node, inputs: [] })));
    const renamed = new Map<string, string>();
    for (const { name, value } of this.#outputs) {
      if (made.has(value.name) && !inBodies.has(value.name) && !renamed.has(value.name)) renamed.set(value.name, name);
    }
    return renamed;
  }

  #fresh(base: string): string {
    return `${this.#prefix}${base}_${this.#names++}`;
  }
}

/** Names that a node reads, those that the bodies within it read included. */
function captured(node: OnnxNode): string[] {
  const names = [...node.inputs];
  for (const attribute of Object.values(node.attributes)) {
    if (typeof attribute === 'object' && 'graph' in attribute) names.push(...attribute.graph.nodes.flatMap(captured));
  }
  return names;
}
