import type { HeadConfig } from '../model/head.ts';

/** A linear layer of a head: N outputs of K inputs each. */
export interface HeadLayer {
  name: 'pre_classifier' | 'classifier';
  N: number;
  K: number;
}

/** In the order that vectors go through them; after the first of two comes ReLU. */
export function headLayers({ labels, preClassifier, dim: D, width: P }: HeadConfig): HeadLayer[] {
  const L = labels.length;
  if (!preClassifier) return [{ name: 'classifier', N: L, K: P }];
  return [
    { name: 'pre_classifier', N: D, K: P },
    { name: 'classifier', N: L, K: D },
  ];
}
