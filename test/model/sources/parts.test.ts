import { expect, it } from 'vitest';
import { DataError } from '../../../src/errors.ts';
import { modelSource } from '../../../src/model/sources/input.ts';
import { partName } from '../../../src/model/sources/parts.ts';
import { nodeSha256 } from '../../../src/platform/node-files.ts';
import { type Files, json, tinyOwnModel } from '../../fixtures/tiny-model.ts';
import { errorOf, readModel } from '../helpers.ts';

const own = await tinyOwnModel();
const FILE = 'encoder.safetensors';
const bytes = own[FILE];

/** The model with its encoder cut at these places. */
function cut(...places: number[]): Files {
  const { [FILE]: _whole, ...rest } = own;
  const ends = [...places, bytes.length];
  const config = JSON.parse(Buffer.from(own['config.json']).toString());
  config.bertwasm.files[FILE].parts = ends.map((end, i) => end - (ends[i - 1] ?? 0));
  const files: Files = { ...rest, 'config.json': json(config) };
  ends.forEach((end, i) => {
    files[partName(FILE, i)] = bytes.subarray(ends[i - 1] ?? 0, end);
  });
  return files;
}

/** Read as a stream of unknown length, so that nothing is known but what config.json says. */
const read = (files: Files) =>
  readModel(
    modelSource(
      (file) => (Object.hasOwn(files, file) ? new Blob([files[file] as Uint8Array<ArrayBuffer>]).stream() : undefined),
      nodeSha256,
      () => {
        throw new Error('expected no name');
      },
    ),
  );

it.each([[[]], [[1]], [[7, 8, 9]], [[bytes.length - 1]], [[bytes.length - 3000, bytes.length - 10]]])(
  'a file cut at %j',
  async (places) => {
    expect(await read(cut(...places))).toEqual(await readModel(own));
  },
);

it('parts that are missing, short, long, changed about, or altered', async () => {
  const whole = cut(bytes.length - 3000, bytes.length - 1000);
  const second = partName(FILE, 1);
  const { [second]: part, ...without } = whole;
  const wrong: [Files, RegExp][] = [
    [without, /model\/encoder\.safetensors\.part2: expected as config\.json lists it, got no such file$/],
    [{ ...whole, [second]: part.subarray(1) }, /part2: expected \d+ more bytes, got the file's end$/],
    [{ ...whole, [second]: Buffer.concat([part, part]) }, /part2: expected the file's end, got more bytes$/],
    [{ ...whole, [second]: whole[second].map((byte) => byte ^ 1) }, /expected SHA-256/],
  ];
  for (const [files, message] of wrong) {
    const error = await errorOf(() => read(files));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(message);
  }
  const last = partName(FILE, 2);
  const longer = { ...whole, [last]: Buffer.concat([whole[last], Buffer.of(0)]) };
  expect((await errorOf(() => read(longer))).message).toMatch(/expected the file's end, got more bytes$/);
});

it.each([[[]], [[0, bytes.length]], [[1, bytes.length]], [['5']], [{}], [Array(1000).fill(1)]])(
  'a manifest whose parts are %j',
  async (parts) => {
    const files = cut(bytes.length - 3000);
    const config = JSON.parse(Buffer.from(files['config.json']).toString());
    config.bertwasm.files[FILE].parts = parts;
    const error = await errorOf(() => read({ ...files, 'config.json': json(config) }));
    expect(error.message).toMatch(/^model\/config\.json: bertwasm\.files\["encoder\.safetensors"\]\.parts: expected /);
  },
);
