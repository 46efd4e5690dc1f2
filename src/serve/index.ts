export type { ServedPipeline } from './engine.ts';
export { createHandler, type Handler } from './handler.ts';
export { DEFAULT_LIMITS, type Limits, type RequestLog, type ServeOptions } from './options.ts';
