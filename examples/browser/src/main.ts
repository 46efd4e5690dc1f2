import { connect } from './model/ask.ts';
import { latest } from './model/latest.ts';
import { showTally, verdictOf } from './page/comparison.ts';
import { element } from './page/element.ts';
import { showFailure } from './page/failure.ts';
import { headFile } from './page/head-file.ts';
import { loadModel } from './page/loading.ts';
import { keepPage } from './page/offline.ts';
import { rowList } from './page/row-list.ts';
import { suggestLabels } from './page/suggestions.ts';
import { training } from './page/training.ts';
import { typing } from './page/typing.ts';
import { CHECK, LEARN } from './rows/examples.ts';
import type { Row } from './rows/row.ts';

const ask = connect(new Worker(new URL('./model/worker.ts', import.meta.url), { type: 'module' }));
const kept = keepPage();

const field = typing(ask);
const learn = rowList('learn', LEARN, suggestLabels);
const check = rowList('check', CHECK, (rows) => compare(rows).catch(showFailure));
suggestLabels(LEARN);

const compare = latest(async (rows: Row[]) => {
  const labels = await ask(
    'compare',
    rows.map(({ text }) => text),
  );
  // Nothing was trained yet.
  if (!labels[0]?.before) return;
  showTally(rows, labels);
  check.judge(rows.map((row, i) => verdictOf(row, labels[i])));
});
async function showNewHead(): Promise<void> {
  await Promise.all([field.read(), compare(check.rows())]);
}

const offer = headFile(ask, showNewHead);
training(ask, learn.rows, async (head) => {
  offer(head);
  await showNewHead();
});

try {
  await loadModel(ask, new URL('model', document.baseURI), new URL('../tagger/head.safetensors', import.meta.url));
  await field.read();
  element('retrain').ariaDisabled = 'false';
  element('state').textContent = (await kept) ? 'Ready, and from now on without a network too.' : 'Ready.';
} catch (error) {
  showFailure(error);
}
