import { get, set } from './array';

/** x f32 [T, D]; gain, bias f32 [D] */
export function layerNorm(x: usize, T: i32, D: i32, gain: usize, bias: usize, epsilon: f32): void {
  const perElement: f32 = <f32>1 / <f32>D;
  for (let t = 0; t < T; t++) {
    const row = x + (<usize>(t * D) << 2);
    const mean = partialSums(row, D, 0, false) * perElement;
    const inverse: f32 = 1 / sqrt<f32>(partialSums(row, D, mean, true) * perElement + epsilon);
    for (let i = 0; i < D; i++) set(row, i, (get(row, i) - mean) * inverse * get(gain, i) + get(bias, i));
  }
}

/** x = LayerNorm(x + y), y f32 [T, D] */
export function addLayerNorm(x: usize, y: usize, T: i32, D: i32, gain: usize, bias: usize, epsilon: f32): void {
  for (let i = 0; i < T * D; i++) set(x, i, get(x, i) + get(y, i));
  layerNorm(x, T, D, gain, bias, epsilon);
}

/** Sum of x, or of (x - mean)^2: partial sums 0 to 7 of every eighth element, then i + (i + 4), then as lanes add. */
function partialSums(row: usize, D: i32, mean: f32, squared: bool): f32 {
  const lane0 = partialSum(row, D, 0, mean, squared) + partialSum(row, D, 4, mean, squared);
  const lane1 = partialSum(row, D, 1, mean, squared) + partialSum(row, D, 5, mean, squared);
  const lane2 = partialSum(row, D, 2, mean, squared) + partialSum(row, D, 6, mean, squared);
  const lane3 = partialSum(row, D, 3, mean, squared) + partialSum(row, D, 7, mean, squared);
  return lane0 + lane1 + (lane2 + lane3);
}

function partialSum(row: usize, D: i32, first: i32, mean: f32, squared: bool): f32 {
  let sum: f32 = 0;
  for (let i = first; i < D; i += 8) {
    const difference = get(row, i) - mean;
    sum += squared ? difference * difference : get(row, i);
  }
  return sum;
}
