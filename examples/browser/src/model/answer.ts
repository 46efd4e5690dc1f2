import type { Answer, Call, Calls, Question } from './calls.ts';

export type Answers = {
  [K in Call]: (
    takes: Calls[K]['takes'],
    tell: (told: Calls[K]['tells']) => void,
    signal: AbortSignal,
  ) => Promise<Calls[K]['gives']>;
};

/** The worker's end. Calls run side by side: what is long lets the others in. */
export function answerWith(answers: Answers): void {
  const running = new Map<number, AbortController>();
  const send = (answer: Answer) => postMessage(answer);

  addEventListener('message', async ({ data }: MessageEvent<Question>) => {
    const { id } = data;
    if ('cancel' in data) return running.get(id)?.abort(new Error('cancelled'));
    const controller = new AbortController();
    running.set(id, controller);
    const answer = answers[data.call] as Answers[Call] as (...args: unknown[]) => Promise<Calls[Call]['gives']>;
    try {
      const tell = (tells: Calls[Call]['tells']) => send({ id, tells });
      send({ id, gives: await answer(data.takes, tell, controller.signal) });
    } catch (error) {
      send({ id, error: (error as Error).message });
    } finally {
      running.delete(id);
    }
  });
}
