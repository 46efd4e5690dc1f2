import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { arithmetic } from './arithmetic.ts';

/** Words of ids i64 [T], i8 [V, D] times scale f32 [V], plus positions f32 [positions, D]: assembly/scalar/embed.ts. */
export function embedQ8(graph: Graph, ids: Value, words: Value, scale: Value, positions: Value): Value {
  const { add, multiply, cast } = arithmetic(graph);
  const [T] = ids.shape;
  const D = words.shape[1];
  const word = cast(graph.node('Gather', [words, ids], [T, D], { axis: 0 }), 'float32');
  const apart = graph.node('Unsqueeze', [ids, graph.integers([1])], [T, 1]);
  const factor = graph.node('Gather', [scale, apart], [T, 1], { axis: 0 });
  const length = graph.node('Shape', [ids], [1], {}, 'int64');
  const first = graph.node('Slice', [positions, graph.integers([0]), length, graph.integers([0])], [T, D]);
  return add(multiply(word, factor), first);
}
