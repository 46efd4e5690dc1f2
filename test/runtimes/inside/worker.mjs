import * as bertwasm from 'bertwasm';
import { runSuite } from './suite.mjs';

export default {
  async fetch(_request, { MODEL }) {
    const file = (name) => MODEL.fetch(`http://model/${name}`);
    return Response.json(await runSuite(bertwasm, { model: file, file, threads: false }));
  },
};
