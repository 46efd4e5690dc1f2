import { UsageError } from '../errors.ts';

export type Runtime = typeof import('onnxruntime-node');

/**
 * onnxruntime-node, an optional peer.
 *
 * @throws UsageError where it is not installed, or its native library does not load
 */
export async function loadRuntime(): Promise<Runtime> {
  try {
    const module = await import('onnxruntime-node');
    return (module as { default?: Runtime }).default ?? module; // a CommonJS module
  } catch (error) {
    throw runtimeFault(error);
  }
}

/** What is wrong with an installation, from what importing it threw. */
export function runtimeFault(error: unknown): Error {
  const { code, message = String(error) } = error as NodeJS.ErrnoException;
  if (code === 'ERR_MODULE_NOT_FOUND' && /'onnxruntime-node'/.test(message)) {
    return new UsageError(
      'onnxruntime-node: expected it installed, for full training and for checks, got no such package (npm install onnxruntime-node; on a machine without a GPU or a network ONNXRUNTIME_NODE_INSTALL=skip keeps it from fetching CUDA libraries)',
    );
  }
  // The binding is required by its path, and there is none for some systems.
  if (code === 'ERR_DLOPEN_FAILED' || (code === 'MODULE_NOT_FOUND' && /onnxruntime_binding\.node'/.test(message))) {
    return new UsageError(`onnxruntime-node: expected its native library to load, got: ${message.split('\n')[0]}`);
  }
  return error as Error;
}
