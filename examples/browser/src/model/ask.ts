import type { Answer, Call, Calls, Question } from './calls.ts';

export interface AskOptions<K extends Call> {
  onTold?: (told: Calls[K]['tells']) => void;
  signal?: AbortSignal;
}

export type Ask = <K extends Call>(
  call: K,
  takes: Calls[K]['takes'],
  options?: AskOptions<K>,
) => Promise<Calls[K]['gives']>;

interface Waiting {
  told(told: unknown): void;
  given(given: unknown): void;
  failed(message: string): void;
}

/** The page's end: calls that run in the worker. A call rejects with what went wrong there. */
export function connect(worker: Worker): Ask {
  const waiting = new Map<number, Waiting>();
  let last = 0;

  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    const call = waiting.get(data.id);
    if (!call) return;
    if ('tells' in data) return call.told(data.tells);
    waiting.delete(data.id);
    if ('error' in data) call.failed(data.error);
    else call.given(data.gives);
  };
  worker.onerror = ({ message }) => {
    for (const call of waiting.values()) call.failed(message || 'the worker did not start');
    waiting.clear();
  };

  return (call, takes, { onTold, signal } = {}) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      const send = (question: unknown) => worker.postMessage(question as Question);
      waiting.set(id, {
        told: onTold as Waiting['told'],
        given: resolve as Waiting['given'],
        failed: (message) => reject(new Error(message)),
      });
      signal?.addEventListener('abort', () => send({ id, cancel: true }), { once: true });
      send({ id, call, takes });
    });
}
