import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { TRAINING } from '../../examples/browser/src/model/training.ts';
import { CHECK, LEARN } from '../../examples/browser/src/rows/examples.ts';
import { Head, pipeline, trainHead } from '../../src/platform/node.ts';
import type { EntityGroup } from '../../src/tasks/aggregation.ts';

const tagger = fileURLToPath(new URL('../../examples/browser/tagger/head.safetensors', import.meta.url));

export { CHECK, LEARN };

/** What Node makes of the page's texts and rows. */
export async function nodeSide() {
  const classify = await pipeline('text-classification');
  const head = Head.load(new Uint8Array(await readFile(tagger)));
  const names = await pipeline('ner', classify, { head, aggregation_strategy: 'first' });
  return {
    labels: (text: string) => classify(text, { top_k: null }),
    entities: async (text: string) => (await names(text)) as EntityGroup[],
    async trained(rows: typeof LEARN) {
      const { head } = await trainHead(rows, { ...TRAINING, encoder: classify });
      const own = await pipeline('text-classification', classify, { head });
      return { bytes: head.save(), labels: (text: string) => own(text, { top_k: null }) };
    },
  };
}
