import type { ModelConfig } from '../../model/config.ts';
import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { transpose } from '../operations/layout.ts';
import { relu } from './activations.ts';
import { arithmetic } from './arithmetic.ts';
import type { Tensors } from './encoder.ts';
import { orderedMatmul } from './matmul.ts';
import { orderedSum } from './sums.ts';

/** Logits f32 [1, L] of a sequence head or [T, L] of a token head, from all hidden states: src/engine/head-runner.ts. */
export function head(graph: Graph, config: ModelConfig, tensors: Tensors, hidden: readonly Value[]): Value {
  const linear = (x: Value, name: string) =>
    orderedMatmul(graph, x, transpose(graph, tensors(`${name}.weight`), [1, 0]), tensors(`${name}.bias`));
  let x = features(graph, config, hidden);
  if (config.preClassifier) x = relu(graph, linear(x, 'pre_classifier'));
  return linear(x, 'classifier');
}

/** What the head reads: f32 [1, P] of a sequence, [T, P] of its tokens. */
function features(graph: Graph, { head, pooling }: ModelConfig, hidden: readonly Value[]): Value {
  const last = hidden[hidden.length - 1];
  const sideBySide = (parts: readonly Value[]) => {
    const P = parts.reduce((sum, { shape }) => sum + (shape[1] as number), 0);
    return graph.node('Concat', parts, [parts[0].shape[0], P], { axis: 1 });
  };
  if (head === 'token') return pooling === 'layers' ? sideBySide(hidden) : last;
  switch (pooling) {
    case 'cls':
      return graph.node('Gather', [last, graph.integers([0])], [1, last.shape[1]], { axis: 0 });
    case 'mean':
      return mean(graph, last);
    case 'layers':
      return sideBySide(hidden.map((x) => mean(graph, x)));
  }
}

/** The mean row of x f32 [T, D], f32 [1, D]: src/engine/pooling.ts. */
function mean(graph: Graph, x: Value): Value {
  const { divide, cast } = arithmetic(graph);
  const T = cast(graph.node('Shape', [x], [1], { end: 1 }, 'int64'), 'float32');
  return graph.node('Unsqueeze', [divide(orderedSum(graph, x, 0), T), graph.integers([0])], [1, x.shape[1]]);
}
