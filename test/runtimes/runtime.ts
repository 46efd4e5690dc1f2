/** What inside/suite.mjs gives. */
export interface Report {
  simd: 'base' | 'relaxed';
  /** Check to digest, or `ok`. */
  checks: Record<string, string>;
}

/** An engine that runs the suite on the built package, as it imports it. */
export interface Runtime {
  name: string;
  /** Whether CI must have it. */
  required: boolean;
  /** @throws Unavailable where its program can't be had */
  run(): Promise<Report & { version: string }>;
}

/** A runtime whose program can't be had; the message tells why. */
export class Unavailable extends Error {}
