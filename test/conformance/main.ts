/**
 * `npm run conformance [fuzz|data|scalars]`: every Unicode scalar, tricky seeded texts and all texts of ../shared/data,
 * through our tokenizer and Python `tokenizers`: ids, offsets, and (but for the scalars) type ids, word ids, masks,
 * token strings and further windows.
 */
import { type EncodeOptions, Tokenizer } from '../../src/text/tokenizer.ts';
import { difference } from './compare.ts';
import { addedTokens, type Configuration, everyCharacter, fromVocab, uncased } from './configurations.ts';
import { dataFiles, texts } from './data.ts';
import { divergences } from './divergences.ts';
import { random, text } from './fuzz.ts';
import { type Batch, Reference } from './reference.ts';

const BATCH = 4096;
const FUZZ = 20_000;
const SHOWN = 20;

const reference = new Reference();
const total = { compared: 0, flagged: 0, different: 0 };
const reasons = new Map<string, number>();
let tokenizer: Tokenizer;
let configuration: Configuration;

function use(next: Configuration): void {
  configuration = next;
  tokenizer = Tokenizer.fromJSON(next.json);
  reference.tokenizer(next.json);
}

async function compare(batch: Batch): Promise<void> {
  const pending = reference.encode(batch);
  const { truncation, special = true } = batch;
  const options: EncodeOptions = {
    addSpecialTokens: special,
    truncation: truncation ? (truncation.strategy as EncodeOptions['truncation']) : false,
    maxLength: truncation?.max_length,
    stride: truncation?.stride,
  };
  // Ours while the reference works on the same batch.
  const ours = batch.inputs.map((input) =>
    typeof input === 'string'
      ? tokenizer.encode(input, options)
      : tokenizer.encode(input[0], { ...options, pair: input[1] }),
  );
  const answers = await pending;
  batch.inputs.forEach((input, i) => {
    total.compared++;
    const both = typeof input === 'string' ? [input] : input;
    const found = difference(ours[i], answers[i], both);
    if (!found) return;
    const known = divergences.find((each) => each.matches(both, configuration.name));
    if (known) {
      total.flagged++;
      reasons.set(known.reason, (reasons.get(known.reason) ?? 0) + 1);
      return;
    }
    if (total.different++ < SHOWN) {
      console.log(`  ${configuration.name} ${JSON.stringify(input)} ${JSON.stringify(options)}: ${found}`);
    }
  });
}

async function section(name: string, run: () => Promise<void>): Promise<void> {
  const before = { ...total };
  const start = performance.now();
  await run();
  const count = (key: keyof typeof total) => `${String(total[key] - before[key]).padStart(9)} ${key}`;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${name.padEnd(66)}${count('compared')}${count('different')}${count('flagged')}${seconds.padStart(5)} s`);
}

/** Two texts for each scalar, as a pair. */
async function scalars(make: (character: string) => [string, string]): Promise<void> {
  let inputs: [string, string][] = [];
  for (let point = 0; point < 0x110000; point++) {
    if (point === 0xd800) point = 0xe000;
    inputs.push(make(String.fromCodePoint(point)));
    if (inputs.length === BATCH || point === 0x10ffff) {
      await compare({ inputs, brief: true });
      inputs = [];
    }
  }
}

async function fuzz(seed: number): Promise<void> {
  const next = random(seed);
  const strategies = ['longest_first', 'only_first', 'only_second'];
  for (let done = 0; done < FUZZ; ) {
    const pairs = next() < 0.4;
    const special = next() < 0.8;
    const truncation =
      next() < 0.5
        ? undefined
        : { max_length: 8 + Math.floor(next() * 40), stride: Math.floor(next() * 2), strategy: 'longest_first' };
    if (truncation && !pairs && next() < 0.5) truncation.stride = Math.floor(next() * 5);
    if (truncation && !pairs && next() < 0.3) truncation.strategy = strategies[1];
    const inputs: Batch['inputs'] = [];
    for (let i = 0; i < 200; i++, done++) {
      inputs.push(pairs ? [text(next, 40), text(next, 40)] : text(next, 60));
    }
    await compare({ inputs, truncation, special });
  }
}

async function file(name: string, truncation?: Batch['truncation']): Promise<void> {
  let inputs: string[] = [];
  let size = 0;
  for await (const line of texts(name)) {
    inputs.push(line);
    size += line.length;
    if (size > 200_000) {
      await compare({ inputs, truncation });
      inputs = [];
      size = 0;
    }
  }
  if (inputs.length > 0) await compare({ inputs, truncation });
}

const only = process.argv[2];
const wanted = (part: string) => only === undefined || only === part;
const characters = everyCharacter();

if (wanted('fuzz')) {
  let seed = 1;
  for (const each of [uncased, addedTokens(), fromVocab(), ...characters]) {
    use(each);
    await section(`seeded texts, ${each.name}`, () => fuzz(seed++));
  }
}
if (wanted('data')) {
  const files = dataFiles();
  if (files.length === 0) console.log('../shared/data is not there: its texts are left out');
  for (const name of files) {
    use(uncased);
    await section(`${name}, uncased`, () => file(name));
    await section(`${name}, windows of 64 by 16`, () =>
      file(name, { max_length: 64, stride: 16, strategy: 'longest_first' }),
    );
    use(characters[2]);
    await section(`${name}, ${characters[2].name}`, () => file(name));
  }
}
if (wanted('scalars')) {
  for (const each of [uncased, ...characters]) {
    use(each);
    await section(`every scalar alone and in a word, ${each.name}`, () => scalars((c) => [c, `a${c}b`]));
  }
  use(addedTokens());
  await section('every scalar before and after a single_word token', () => scalars((c) => [`${c}foo`, `foo${c}`]));
}

reference.close();
for (const [reason, count] of reasons) console.log(`flagged ${count}: ${reason}`);
console.log(`compared ${total.compared}, differ ${total.different}, flagged ${total.flagged}`);
process.exitCode = total.different === 0 ? 0 : 1;
