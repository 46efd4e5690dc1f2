/** A loaded classifier, as the scenarios see it: token ids in, logits out. Tokenisation is nobody's part. */
export interface Peer {
  /** Logits [B, L], sequence by sequence. */
  logits(batch: readonly Int32Array[]): Promise<Float32Array> | Float32Array;
}
