import { pipeline } from 'bertwasm';

let loading;

function refuses(pages) {
  try {
    return !new WebAssembly.Memory({ initial: pages });
  } catch {
    return true;
  }
}

/** POST classifies a text; GET collects garbage, and tells the bytes of WASM memory and whether one of `pages` is refused. */
export default {
  async fetch(request, { MODEL }) {
    loading ??= pipeline('text-classification', (name) => MODEL.fetch(`http://model/${name}`));
    const classify = await loading;
    if (request.method === 'POST') {
      const [result] = await classify.details([await request.text()], { top_k: null });
      return Response.json(result);
    }
    globalThis.gc();
    const pages = Number(new URL(request.url).searchParams.get('pages'));
    return Response.json({ wasm: classify.model.memory.total, refused: refuses(pages) });
  },
};
