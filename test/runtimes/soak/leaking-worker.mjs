import worker from './worker.mjs';

const kept = [];

/** The worker, with 1 kB that each request leaves. */
export default {
  fetch(request, env) {
    kept.push(new Float32Array(256));
    return worker.fetch(request, env);
  },
};
