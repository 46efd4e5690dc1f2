// POST token ids, get a label: onnxruntime-web brings no tokeniser, so that it is spared that work.

import module from 'onnxruntime-web/ort-wasm-simd-threaded.wasm';
import * as ort from 'onnxruntime-web/wasm';

// Workers compile nothing from bytes, as onnxruntime-web does: it gets the module that was compiled at deployment.
WebAssembly.instantiate = async (_bytes, imports) => ({ module, instance: new WebAssembly.Instance(module, imports) });

let loading;

async function load(MODEL) {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = new Uint8Array(8); // else it would fetch its own
  const response = await MODEL.fetch('http://model/model.onnx');
  return ort.InferenceSession.create(new Uint8Array(await response.arrayBuffer()), { executionProviders: ['wasm'] });
}

export default {
  async fetch(request, { MODEL }) {
    loading ??= load(MODEL);
    const session = await loading;
    const ids = BigInt64Array.from(await request.json(), BigInt);
    const tensor = (values) => new ort.Tensor('int64', values, [1, ids.length]);
    const { logits } = await session.run({
      input_ids: tensor(ids),
      attention_mask: tensor(new BigInt64Array(ids.length).fill(1n)),
    });
    return new Response(logits.data[1] > logits.data[0] ? 'POSITIVE' : 'NEGATIVE');
  },
};
