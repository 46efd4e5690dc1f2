import { createPipeline } from '../tasks/pipeline.ts';
import { nodeModelSource, nodePlatform } from './node-platform.ts';

export * from '../index.ts';

/** Node, and what runs its modules (Deno, Bun): a name is that of a directory or of an installed package. */
export const pipeline = createPipeline(nodePlatform);
export const modelSource = nodeModelSource;
