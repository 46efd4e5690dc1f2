// The handler in a Worker; the first request loads the model.
import { pipeline } from 'bertwasm';
import { createHandler } from 'bertwasm/serve';

let loading;

async function load(MODEL) {
  return createHandler(await pipeline('text-classification', (file) => MODEL.fetch(`http://model/${file}`)));
}

export default {
  async fetch(request, { MODEL }) {
    loading ??= load(MODEL);
    const handler = await loading;
    return handler(request);
  },
};
