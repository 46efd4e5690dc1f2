/*
 * The kernels once more, one value at a time on plain row-major arrays: what the SIMD kernels are tested against, bit
 * for bit. Nothing here is shipped. Sums run in the order that the kernel of the same name states.
 */
export { adamw } from './adamw';
export { attention } from './attention';
export { attentionQ8 } from './attention-q8';
export { biasGradient } from './bias-gradient';
export { crossEntropy } from './cross-entropy';
export { dropout, philox } from './dropout';
export { embedF32, embedQ8 } from './embed';
export { expOf } from './exp';
export { gelu } from './gelu';
export { inputGradient } from './input-gradient';
export { addLayerNorm, layerNorm } from './layer-norm';
export { linearQ8 } from './linear-q8';
export { logOf } from './log';
export { matmulF32 } from './matmul-f32';
export { quantizeRows } from './quantize-rows';
export { relu } from './relu';
export { reluGradient } from './relu-gradient';
export { sigmoid } from './sigmoid';
export { sigmoidCrossEntropy } from './sigmoid-cross-entropy';
export { softmax } from './softmax';
export { sumSquares } from './sum-squares';
export { weightGradient } from './weight-gradient';
