// Where there is a file system, and so Node's entry of the package: node files.mjs <directory of the model>
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as bertwasm from 'bertwasm';
import { runSuite } from './suite.mjs';

const [, , directory] = process.argv;
const file = async (name) => new Response(await readFile(join(directory, name)));
console.log(JSON.stringify(await runSuite(bertwasm, { model: directory, file, threads: true })));
