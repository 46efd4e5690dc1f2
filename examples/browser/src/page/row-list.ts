import { looksDelimited } from '../rows/delimited.ts';
import type { Row } from '../rows/row.ts';
import { takeRows } from '../rows/take.ts';
import { element } from './element.ts';

export interface RowList {
  rows(): Row[];
  /** A word on each row from `first` on, in their order; a change of a row takes its word away. */
  judge(verdicts: readonly Node[], first: number): void;
}

/**
 * A list of rows to edit: `#<id>`, with `#<id>-add`, `#<id>-file` and `#<id>-failure` beside it.
 *
 * @param changed gets the rows after every change
 */
export function rowList(id: string, first: readonly Row[], changed: (rows: Row[]) => void): RowList {
  const list = element<HTMLUListElement>(id);
  const add = element(`${id}-add`);
  const file = element<HTMLInputElement>(`${id}-file`);
  const failure = element(`${id}-failure`);
  const template = element<HTMLTemplateElement>('row');

  const items = () => Array.from(list.children) as HTMLElement[];
  const rows = () => items().map((item) => ({ text: textOf(item).value, label: labelOf(item).value }));

  function judge(verdicts: readonly Node[], first: number): void {
    verdicts.forEach((verdict, i) => {
      const place = verdictOf(list.children[first + i]);
      place.hidden = false;
      place.replaceChildren(verdict);
    });
  }

  function append(rows: readonly Row[]): void {
    for (const { text, label } of rows) {
      const item = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
      textOf(item).value = text;
      labelOf(item).value = label;
      list.append(item);
    }
  }

  function onOtherRows(): void {
    renumber();
    changed(rows());
  }

  function renumber(): void {
    items().forEach((item, i) => {
      textOf(item).setAttribute('aria-label', `Text of row ${i + 1}`);
      labelOf(item).setAttribute('aria-label', `Label of row ${i + 1}`);
      removeOf(item).setAttribute('aria-label', `Remove row ${i + 1}`);
    });
  }

  function remove(item: HTMLElement): void {
    const neighbour = (item.nextElementSibling ?? item.previousElementSibling) as HTMLElement | null;
    item.remove();
    (neighbour ? removeOf(neighbour) : add).focus();
    onOtherRows();
  }

  list.addEventListener('input', ({ target }) => {
    verdictOf((target as Element).closest('li') as Element).hidden = true;
    changed(rows());
  });
  list.addEventListener('click', ({ target }) => {
    const button = (target as Element).closest('.remove');
    if (button) remove(button.closest('li') as HTMLElement);
  });
  list.addEventListener('paste', (event) => {
    const pasted = event.clipboardData?.getData('text/plain') ?? '';
    if (!looksDelimited(pasted)) return;
    event.preventDefault();
    take(new Blob([pasted]));
  });
  add.addEventListener('click', () => {
    append([{ text: '', label: '' }]);
    onOtherRows();
    textOf(list.lastElementChild as HTMLElement).focus();
  });
  file.addEventListener('change', async () => {
    const [chosen] = file.files ?? [];
    if (chosen) await take(chosen);
    // Or the same file, changed, would be no change.
    file.value = '';
  });

  async function take(source: Blob): Promise<void> {
    failure.textContent = '';
    try {
      append(await takeRows(source, list.children.length));
      onOtherRows();
    } catch (error) {
      failure.textContent = `These rows can't be read. ${(error as Error).message}`;
    }
  }

  append(first);
  renumber();
  return { rows, judge };
}

const textOf = (item: Element) => item.querySelector('.row-text') as HTMLTextAreaElement;
const labelOf = (item: Element) => item.querySelector('.row-label') as HTMLInputElement;
const removeOf = (item: Element) => item.querySelector('.remove') as HTMLButtonElement;
const verdictOf = (item: Element) => item.querySelector('.verdict') as HTMLElement;
