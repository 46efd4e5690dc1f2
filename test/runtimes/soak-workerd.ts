import { parseArgs } from 'node:util';
import { MODEL } from './paths.ts';
import { baseModel } from './soak/base-model.ts';
import { growth, MOST_GROWTH, READINGS } from './soak/growth.ts';
import { type Soak, soak } from './soak/soak.ts';

/*
 * npm run soak:workerd [-- --json]: the default model and one of DistilBERT-base's shape in workerd, WASM memory capped at
 * 96 MiB, over 3,000 requests each; fails where a model does not fit, or what V8 keeps grows.
 */

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });

const soaks: Record<string, Soak> = {
  'default model': await soak(MODEL, READINGS),
  'DistilBERT-base': await soak(await baseModel(), READINGS),
};
const passes = (each: Soak) => each.capped && each.longest === 512 && growth(each.readings) <= MOST_GROWTH;
const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

if (values.json) {
  console.log(JSON.stringify(soaks));
} else {
  for (const [model, each] of Object.entries(soaks)) {
    const cap = each.capped ? 'a memory over 96 MiB is refused' : 'NO cap on memory';
    console.log(`${model}: ${mb(each.wasm)} of WASM memory (${cap}), texts of up to ${each.longest} tokens`);
    console.log(`  resident memory before the first request ${mb(each.start)}, then with garbage collected`);
    for (const { requests, resident, kept } of each.readings) {
      console.log(`  after ${String(requests).padStart(4)} ${mb(resident)}, of which V8 keeps ${mb(kept)}`);
    }
    const grown = `${growth(each.readings).toFixed(0)} bytes a request at the end`;
    console.log(`  ${grown}, at most ${MOST_GROWTH} allowed: ${passes(each) ? 'ok' : 'FAILED'}`);
  }
}
process.exitCode = Object.values(soaks).every(passes) ? 0 : 1;
