import { runThread, type ThreadSetup } from '../engine/thread.ts';

/** What web.ts starts; it ends with the model. */
addEventListener('message', ({ data }: MessageEvent<ThreadSetup>) => {
  runThread(data);
  close();
});
