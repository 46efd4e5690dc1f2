import { workerData } from 'node:worker_threads';
import { runThread } from '../engine/thread.ts';

/** What node-platform.ts starts. */
runThread(workerData);
