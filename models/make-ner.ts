// npm run models:ner
// Fine-tunes what `npm run models:minilm` fetched to name entities: on the Broad Twitter Corpus, whose tweets are like WNUT-17's and twice
// as many, then on WNUT-17, both of ../shared/data. Killed, it goes on where it stopped.
import { bertwasm, root } from './run.ts';

const data = `${root}../shared/data`;
const work = `${root}build/ner`;
const common = ['--full', '--resume', '--warmup-ratio', '0.1', '--save-total-limit', '1'];

bertwasm(
  ...['train', `${data}/btc/train.conll.gz`, '--validation-file', `${data}/btc/dev.conll`],
  ...['--model', 'build/minilm/checkpoint', '--out', `${work}/btc`, ...common],
  ...['--learning-rate', '3e-4', '--num-train-epochs', '2'],
);
bertwasm(
  ...['train', `${data}/wnut17/train.conll`, '--validation-file', `${data}/wnut17/dev.conll`],
  ...['--model', `${work}/btc`, '--out', `${work}/run`, ...common],
  ...['--learning-rate', '2e-4', '--num-train-epochs', '5'],
);
bertwasm('eval', `${data}/wnut17/dev.conll`, '--model', `${work}/run/q8`);
