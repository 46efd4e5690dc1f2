/** Element i of an array of f32. */
// @ts-ignore: decorator
@inline
export function get(array: usize, i: i32): f32 {
  return load<f32>(array + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
export function set(array: usize, i: i32, value: f32): void {
  store<f32>(array + (<usize>i << 2), value);
}
