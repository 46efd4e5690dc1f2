/*
 * The kernels once more, one value at a time on plain row-major arrays: what the SIMD kernels are tested against, bit
 * for bit. Nothing here is shipped. Sums run in the order that the kernel of the same name states.
 */
export { attention } from './attention';
export { embedF32, embedQ8 } from './embed';
export { expOf } from './exp';
export { gelu } from './gelu';
export { addLayerNorm, layerNorm } from './layer-norm';
export { linearQ8 } from './linear-q8';
export { matmulF32 } from './matmul-f32';
export { quantizeRows } from './quantize-rows';
export { relu } from './relu';
export { sigmoid } from './sigmoid';
export { softmax } from './softmax';
