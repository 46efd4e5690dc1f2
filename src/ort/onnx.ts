import { Message } from './protobuf.ts';

/** TensorProto.DataType of the types that our graphs use, under the names that onnxruntime's `Tensor` gives them. */
export const DATA_TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
} as const;

export type DataType = keyof typeof DATA_TYPES;

/** A size, or the name of one that is known only when the graph runs. */
export type Dim = number | string;

export interface Value {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly Dim[];
}

/** A tensor in the model, or, by `location`, in a file or buffer beside it. */
export interface Initializer {
  name: string;
  type: DataType;
  shape: readonly number[];
  /** Row-major, little-endian. */
  data: Uint8Array | { location: string; offset: number; length: number };
}

export type Attribute = number | string | readonly number[] | { float: number } | { graph: OnnxGraph };

export interface OnnxNode {
  op: string;
  /** An empty name is an input left out. */
  inputs: readonly string[];
  outputs: readonly string[];
  /** Numbers are `int`, lists of them `ints`. */
  attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxGraph {
  name: string;
  nodes: readonly OnnxNode[];
  initializers: readonly Initializer[];
  inputs: readonly Value[];
  outputs: readonly Value[];
}

/** 18: the first in which ReduceSum and its like take axes as an input throughout; every runtime since 2023 reads it. */
export const OPSET = 18;
const IR_VERSION = 8;

/** A ModelProto: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. */
export function encodeModel(graph: OnnxGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const model = new Message()
    .integer(1, IR_VERSION)
    .string(2, 'bertwasm')
    .message(7, graphProto(graph))
    .message(8, new Message().string(1, '').integer(2, OPSET));
  for (const [key, value] of Object.entries(metadata)) model.message(14, entry(key, value));
  return model.finish();
}

function graphProto(graph: OnnxGraph): Message {
  const message = new Message();
  for (const node of graph.nodes) message.message(1, nodeProto(node));
  message.string(2, graph.name);
  for (const initializer of graph.initializers) message.message(5, tensorProto(initializer));
  for (const value of graph.inputs) message.message(11, valueInfo(value));
  for (const value of graph.outputs) message.message(12, valueInfo(value));
  return message;
}

function nodeProto(node: OnnxNode): Message {
  const message = new Message();
  for (const input of node.inputs) message.string(1, input);
  for (const output of node.outputs) message.string(2, output);
  // Profiles and errors of onnxruntime name nodes; the first output is the one name that is unique already.
  message.string(3, node.outputs[0]).string(4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) message.message(5, attributeProto(name, value));
  return message;
}

function attributeProto(name: string, value: Attribute): Message {
  const message = new Message().string(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return message.string(4, value).integer(20, 3);
  if ('float' in value) return message.float(2, value.float).integer(20, 1);
  if ('graph' in value) return message.message(6, graphProto(value.graph)).integer(20, 5);
  for (const item of value) message.integer(8, item);
  return message.integer(20, 7);
}

function tensorProto({ name, type, shape, data }: Initializer): Message {
  const message = new Message().packedIntegers(1, shape).integer(2, DATA_TYPES[type]).string(8, name);
  if (data instanceof Uint8Array) return message.bytes(9, data);
  for (const [key, value] of Object.entries(data)) message.message(13, entry(key, String(value)));
  return message.integer(14, 1);
}

function valueInfo({ name, type, shape }: Value): Message {
  const dims = new Message();
  for (const dim of shape) {
    dims.message(1, typeof dim === 'number' ? new Message().integer(1, dim) : new Message().string(2, dim));
  }
  const tensor = new Message().integer(1, DATA_TYPES[type]).message(2, dims);
  return new Message().string(1, name).message(2, new Message().message(1, tensor));
}

function entry(key: string, value: string): Message {
  return new Message().string(1, key).string(2, value);
}
