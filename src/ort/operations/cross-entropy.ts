import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { reshape } from './layout.ts';

/**
 * -Σ targets log softmax(logits), both f32 [.., L]. The host puts into the targets whatever it wants of labels: their share of the
 * mean, class weights, smoothing; a row of zeros is ignored.
 */
export function crossEntropy(graph: Graph, logits: Value, targets: Value): { loss: Value; gradient: Value } {
  const { shape } = logits;
  const multiply = (a: Value, b: Value) => graph.node('Mul', [a, b], shape);
  const logSoftmax = graph.node('LogSoftmax', [logits], shape, { axis: -1 });
  const sum = graph.node('ReduceSum', [multiply(targets, logSoftmax)], [], { keepdims: 0 });
  const perRow = [...shape.slice(0, -1), 1];
  const weight = graph.node('ReduceSum', [targets, graph.integers([-1])], perRow, { keepdims: 1 });
  const softmax = graph.node('Softmax', [logits], shape, { axis: -1 });
  return {
    loss: graph.node('Neg', [sum], []),
    gradient: graph.node('Sub', [multiply(softmax, weight), targets], shape),
  };
}

/**
 * [x, 0] for each logit x of several labels, f32 [B, L] to [B, L, 2]: their softmax is [sigmoid(x), 1 - sigmoid(x)], so that the cross-entropy
 * of yes and no is the same operation, as stable for large x.
 */
export function yesOrNo(graph: Graph, x: Value): Value {
  const [B, L] = x.shape;
  const apart = reshape(graph, x, [0, 0, 1], [B, L, 1]);
  const y = graph.node('Pad', [apart, graph.integers([0, 0, 0, 0, 0, 1])], [B, L, 2]);
  return graph.differentiable(y, [x], (dy) => {
    const [from, to, axis] = [0, 1, 2].map((value) => graph.integers([value]));
    return [reshape(graph, graph.node('Slice', [dy, from, to, axis], [B, L, 1]), [0, 0], [B, L])];
  });
}
