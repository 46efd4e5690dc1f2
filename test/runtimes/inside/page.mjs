import * as bertwasm from 'bertwasm';
import { runSuite } from './suite.mjs';

const model = new URL('/model', location.href);
globalThis.report = runSuite(bertwasm, { model, file: (name) => fetch(`${model}/${name}`), threads: false });
