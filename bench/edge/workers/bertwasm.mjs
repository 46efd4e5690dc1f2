// POST a text, get its label; the first request loads the model.
import { pipeline } from 'bertwasm';

let loading;

export default {
  async fetch(request, { MODEL }) {
    loading ??= pipeline('text-classification', (file) => MODEL.fetch(`http://model/${file}`));
    const classify = await loading;
    const [{ label }] = await classify(await request.text());
    return new Response(label);
  },
};
