import type { DataType } from './onnx.ts';

/** A tensor as it goes to and comes from a session: row-major. */
export interface Tensor {
  type: DataType;
  shape: readonly number[];
  data: TensorData;
}

export type TensorData = Float32Array | Float64Array | Int32Array | Uint8Array | Int8Array | BigInt64Array;
