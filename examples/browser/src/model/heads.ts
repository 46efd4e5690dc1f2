import {
  type EntityGroup,
  Head,
  pipeline,
  type TextClassificationPipeline,
  type TokenClassificationPipeline,
  trainHead,
} from 'bertwasm';
import type { Answers } from './answer.ts';
import { TRAINING } from './training.ts';

/** One encoder under three heads: the one for names, the one for labels, and the one that it took the place of. */
export class Heads {
  #tagger!: TokenClassificationPipeline;
  #now!: TextClassificationPipeline;
  #before: TextClassificationPipeline | undefined;

  readonly answers: Answers = {
    load: async ({ model, tagger }, tell) => {
      const response = await fetch(tagger);
      if (!response.ok) throw new Error(`${tagger}: expected the tagger's head, got HTTP ${response.status}`);
      const head = Head.load(new Uint8Array(await response.arrayBuffer()));
      this.#now = await pipeline('text-classification', model, { cache: true, progress_callback: tell });
      this.#tagger = await pipeline('ner', this.#now, { head, aggregation_strategy: 'first' });
    },
    read: async (text) => {
      const [labels] = await this.#labels([text]);
      return { ...labels, entities: (await this.#tagger(text)) as EntityGroup[] };
    },
    compare: (texts) => this.#labels(texts),
    retrain: async (rows, tell, signal) => {
      const { head } = await trainHead(rows, { ...TRAINING, encoder: this.#now, onProgress: tell, signal });
      await this.#use(head);
      return head.save();
    },
    use: async (bytes) => {
      const head = Head.load(bytes, 'the file');
      await this.#use(head);
      return head.config.labels;
    },
  };

  async #labels(texts: readonly string[]) {
    // Both asked for at once: after a wait they might be others.
    const [now, before] = await Promise.all([
      this.#now(texts, { top_k: null }),
      this.#before?.(texts, { top_k: null }),
    ]);
    return now.map((scores, i) => ({ now: scores, before: before?.[i] }));
  }

  async #use(head: Head): Promise<void> {
    const next = await pipeline('text-classification', this.#now, { head });
    // The one before is not disposed of: a training may run on it.
    this.#before = this.#now;
    this.#now = next;
  }
}
