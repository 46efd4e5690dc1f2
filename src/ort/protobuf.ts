const text = new TextEncoder();

/** A protobuf message in the making: https://protobuf.dev/programming-guides/encoding. Large byte fields are kept, not copied, until `finish`. */
export class Message {
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;

  /** int32, int64, enum; negative numbers take ten bytes, as the format has it. */
  integer(field: number, value: number | bigint): this {
    return this.#tag(field, 0).#varint(value);
  }

  float(field: number, value: number): this {
    return this.#tag(field, 5).#push(floats([value]));
  }

  string(field: number, value: string): this {
    return this.bytes(field, text.encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#tag(field, 2).#varint(value.length).#push(value);
  }

  message(field: number, value: Message): this {
    this.#tag(field, 2).#varint(value.#bytes);
    for (const part of value.#parts) this.#push(part);
    return this;
  }

  packedIntegers(field: number, values: readonly (number | bigint)[]): this {
    const packed = new Message();
    for (const value of values) packed.#varint(value);
    return this.message(field, packed);
  }

  finish(): Uint8Array {
    const result = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      result.set(part, at);
      at += part.length;
    }
    return result;
  }

  #tag(field: number, wireType: number): this {
    return this.#varint(field * 8 + wireType);
  }

  #varint(value: number | bigint): this {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    return this.#push(Uint8Array.from(bytes));
  }

  #push(part: Uint8Array): this {
    this.#parts.push(part);
    this.#bytes += part.length;
    return this;
  }
}

function floats(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setFloat32(i * 4, value, true);
  return bytes;
}
