import { pipeline } from 'bertwasm';

let loading;

/** Bytes of live objects and of what they own outside V8's heap, WASM memory among it; `--expose-statistics` tells them. */
function keptBytes() {
  globalThis.gc();
  const bytes = globalThis.getV8Statistics();
  const objects = bytes.new_space_live_bytes + bytes.old_space_live_bytes + bytes.lo_space_live_bytes;
  return objects + bytes.amount_of_external_allocated_memory;
}

function refuses(pages) {
  try {
    return !new WebAssembly.Memory({ initial: pages });
  } catch {
    return true;
  }
}

/** POST classifies a text; GET collects garbage, and tells what is left, the model's WASM memory and whether one of `pages` is refused. */
export default {
  async fetch(request, { MODEL }) {
    loading ??= pipeline('text-classification', (name) => MODEL.fetch(`http://model/${name}`));
    const classify = await loading;
    if (request.method === 'POST') {
      const [result] = await classify.details([await request.text()], { top_k: null });
      return Response.json(result);
    }
    const pages = Number(new URL(request.url).searchParams.get('pages'));
    return Response.json({ wasm: classify.model.memory.total, refused: refuses(pages), kept: keptBytes() });
  },
};
