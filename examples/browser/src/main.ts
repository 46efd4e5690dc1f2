import { connect } from './model/ask.ts';
import { comparison } from './page/comparison.ts';
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

const ask = connect(new Worker(new URL('./model/worker.ts', import.meta.url), { type: 'module' }));
const kept = keepPage();

const field = typing(ask);
const learn = rowList('learn', LEARN, suggestLabels);
const check = rowList('check', CHECK, (rows) => compare(rows).catch(showFailure));
suggestLabels(LEARN);

const compare = comparison(ask, check.judge);
function showNewHead(): void {
  Promise.all([field.read(), compare(check.rows())]).catch(showFailure);
}

const offer = headFile(ask, showNewHead);
training(ask, learn.rows, (head) => {
  offer(head);
  showNewHead();
});

try {
  await loadModel(ask, new URL('model', document.baseURI), new URL('../tagger/head.safetensors', import.meta.url));
  await field.read();
  element('retrain').ariaDisabled = 'false';
  element('state').textContent = 'Ready.';
  kept.then((done) => {
    if (done) element('state').textContent = 'Ready, and from now on without a network too.';
  });
} catch (error) {
  showFailure(error);
}
