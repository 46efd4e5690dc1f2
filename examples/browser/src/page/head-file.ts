import type { Ask } from '../model/ask.ts';
import { element } from './element.ts';

/**
 * Head to file and back.
 *
 * @param loaded is told when another head is in use
 * @returns what takes the bytes to offer
 */
export function headFile(ask: Ask, loaded: () => void): (head: Uint8Array<ArrayBuffer>) => void {
  const download = element('download');
  const file = element<HTMLInputElement>('head-file');
  const state = element('head-state');
  const failure = element('head-failure');
  let bytes: Uint8Array<ArrayBuffer> | undefined;

  download.addEventListener('click', () => {
    if (bytes) save(bytes, 'head.safetensors');
  });
  file.addEventListener('change', async () => {
    const [chosen] = file.files ?? [];
    if (!chosen) return;
    failure.textContent = state.textContent = '';
    try {
      const read = new Uint8Array(await chosen.arrayBuffer());
      const labels = await ask('use', read);
      offer(read);
      state.textContent = `In use, with the labels ${labels.join(', ')}.`;
    } catch (error) {
      failure.textContent = `This head can't be used. ${(error as Error).message}`;
      return;
    } finally {
      file.value = '';
    }
    loaded();
  });

  function offer(head: Uint8Array<ArrayBuffer>): void {
    bytes = head;
    download.ariaDisabled = 'false';
    state.textContent = `${(head.length / 1000).toFixed(0)} kB`;
  }
  return offer;
}

function save(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes]));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
