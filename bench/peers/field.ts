import { existsSync } from 'node:fs';
import { type BenchModel, peerModules, python } from '../files.ts';
import {
  BASE,
  BASE_AGAIN,
  ORT_NODE_FP32,
  ORT_NODE_INT8,
  ORT_WEB,
  PYTORCH,
  RELAXED,
  TRANSFORMERS_NATIVE,
  TRANSFORMERS_WASM,
  withThreads,
} from './names.ts';
import { AbsentError, Peer } from './peer.ts';

const program = (name: string) => `bench/peers/programs/${name}`;
const node = (name: string, ...args: string[]) => new Peer(process.execPath, [program(name), ...args]);

/** How each contestant is started. */
const STARTS: Record<string, (model: BenchModel, threads: number) => Peer> = {
  [ORT_WEB]: ({ onnx }, threads) => node('ort-web.mjs', onnx, `${threads}`),
  [TRANSFORMERS_WASM]: ({ hub }) => node('transformers.mjs', hub, installed(peerModules), 'wasm'),
  [TRANSFORMERS_NATIVE]: ({ hub }) => node('transformers.mjs', hub, installed(peerModules), 'native'),
  [ORT_NODE_INT8]: ({ onnx }, threads) => node('ort-node.mjs', onnx, `${threads}`),
  [ORT_NODE_FP32]: ({ fp32 }, threads) => node('ort-node.mjs', fp32, `${threads}`),
  [PYTORCH]: ({ source }, threads) => new Peer(installed(python), [program('pytorch.py'), source, `${threads}`]),
  [BASE]: ({ own }, threads) => node('bertwasm.mjs', own, 'base', `${threads}`),
  [RELAXED]: ({ own }, threads) => node('bertwasm.mjs', own, 'relaxed', `${threads}`),
  [BASE_AGAIN]: ({ own }, threads) => node('bertwasm.mjs', own, 'base', `${threads}`),
};

export function start(name: string, model: BenchModel, threads = 1): Peer {
  return STARTS[name](model, threads);
}

/** Contestants that are loaded, and why others are not. */
export interface Field {
  peers: Map<string, Peer>;
  absent: Map<string, string>;
}

/** Loads those of `names` that can be had here. */
export async function open(names: readonly string[], model: BenchModel, threads = 1): Promise<Field> {
  const field: Field = { peers: new Map(), absent: new Map() };
  for (const name of names) {
    const label = withThreads(name, threads);
    try {
      const peer = start(name, model, threads);
      await peer.logits([[101, 102]]);
      field.peers.set(label, peer);
    } catch (error) {
      if (!(error instanceof AbsentError)) throw error;
      field.absent.set(label, error.message);
    }
  }
  return field;
}

export function together(a: Field, b: Field): Field {
  return { peers: new Map([...a.peers, ...b.peers]), absent: new Map([...a.absent, ...b.absent]) };
}

export async function close({ peers }: Field): Promise<void> {
  for (const peer of peers.values()) await peer.close();
}

function installed(path: string): string {
  if (!existsSync(path)) throw new AbsentError(`${path}: expected an installation, got none`);
  return path;
}
