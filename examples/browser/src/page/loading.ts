import type { Progress } from 'bertwasm';
import type { Ask } from '../model/ask.ts';
import { element } from './element.ts';
import { megabytes } from './plain.ts';

/** Bytes of the model's files; put in by vite/model-files.ts. */
declare const MODEL_BYTES: number;

/** Loads the model, telling how far it is. */
export async function loadModel(ask: Ask, model: URL, tagger: URL): Promise<void> {
  const bar = element<HTMLProgressElement>('loaded');
  const loaded = new Map<string, number>();
  const onTold = (progress: Progress) => {
    loaded.set(progress.file, progress.loaded);
    const bytes = Array.from(loaded.values()).reduce((sum, each) => sum + each, 0);
    bar.value = bytes / MODEL_BYTES;
    bar.textContent = `${megabytes(bytes)} of ${megabytes(MODEL_BYTES)}`;
    element('loaded-bytes').textContent = bar.textContent;
  };
  await ask('load', { model: model.href, tagger: tagger.href }, { onTold });
  bar.hidden = true;
  element('loaded-bytes').hidden = true;
}
