/**
 * A plain JPEG decoder (ITU-T T.81): baseline, extended and progressive, Huffman-coded, 8 bits, any number of channels,
 * which it gives as they are stored. It reads what the fast one does not (pictures in four inks), and the tests hold the
 * two against each other. Strict: a code that is none, or data that ends early, is an error.
 *
 * Rows and columns of samples are transformed as libjpeg does (jidctint.c), in the same integers, so pixels are the same
 * to the last bit, but for channels stored with fewer samples than others, which are repeated here and not smoothed.
 */
import { UserError } from '../util/errors';

export interface JpegChannels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Interleaved, [height, width, channels]. */
  readonly data: Uint8Array;
}

interface Component {
  readonly id: number;
  /** Blocks of this component in a unit of all (MCU), across and down. */
  readonly across: number;
  readonly down: number;
  readonly table: number;
  /** Blocks that hold samples of the picture. */
  readonly columns: number;
  readonly rows: number;
  /** Blocks that are stored, filled up to whole units. */
  readonly stride: number;
  readonly coefficients: Int16Array;
  /** As they were when the component's first scan began. */
  quantization: Uint16Array | undefined;
  /** Of the block before, in the order of the scan. */
  dc: number;
}

interface Frame {
  readonly progressive: boolean;
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
  readonly unitsAcross: number;
  readonly unitsDown: number;
}

interface HuffmanTable {
  /** By length of the code, 1 … 16: largest code, and what to add to one for its symbol's index. */
  readonly largest: Int32Array;
  readonly offset: Int32Array;
  readonly symbols: Uint8Array;
}

interface Scan {
  readonly components: readonly {
    readonly component: Component;
    readonly dc: HuffmanTable | undefined;
    readonly ac: HuffmanTable | undefined;
  }[];
  readonly first: number;
  readonly last: number;
  readonly high: number;
  readonly low: number;
}

/** Where the i-th coefficient of a block, in the order of the data, stands in it. */
const ZIGZAG = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48],
  ...[41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23],
  ...[30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63],
);

/** @param bytes whose structure and size inspectJpeg has found to be sound */
export function decodePlainJpeg(bytes: Uint8Array, file: string): JpegChannels {
  return new Decoder(bytes, file).decode();
}

class Decoder {
  readonly #bytes: Uint8Array;
  readonly #file: string;
  readonly #quantization: (Uint16Array | undefined)[] = [];
  readonly #dcTables: (HuffmanTable | undefined)[] = [];
  readonly #acTables: (HuffmanTable | undefined)[] = [];
  #frame: Frame | undefined;
  #restartInterval = 0;
  /** Next byte. */
  #at = 2;
  #bits = 0;
  #bitCount = 0;
  /** Blocks that follow in the scan without a further coefficient. */
  #endOfBand = 0;

  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#file = file;
  }

  decode(): JpegChannels {
    for (let marker = this.#marker(); marker !== 0xd9; marker = this.#marker()) {
      const length = this.#byte() * 256 + this.#byte();
      const end = this.#at + length - 2;
      if (length < 2 || end > this.#bytes.length) throw this.#damaged('it is cut off');
      if (marker === 0xdb) this.#readQuantization(end);
      else if (marker === 0xc4) this.#readHuffman(end);
      else if (marker === 0xdd) this.#restartInterval = this.#byte() * 256 + this.#byte();
      else if (marker >= 0xc0 && marker <= 0xc2) this.#readFrame(marker === 0xc2);
      else if (marker === 0xda) {
        this.#decodeScan(this.#readScan());
        continue;
      }
      this.#at = end;
    }
    if (this.#frame === undefined) throw this.#damaged('it holds no image');
    return this.#render(this.#frame);
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw this.#damaged('it is cut off');
    return byte;
  }

  #marker(): number {
    if (this.#byte() !== 0xff) throw this.#damaged(`no marker at byte ${this.#at - 1}`);
    let marker = this.#byte();
    while (marker === 0xff) marker = this.#byte();
    return marker;
  }

  #readQuantization(end: number): void {
    while (this.#at < end) {
      const head = this.#byte();
      const wide = head >> 4 !== 0;
      const table = new Uint16Array(64);
      for (let i = 0; i < 64; i++) {
        table[ZIGZAG[i]!] = wide ? this.#byte() * 256 + this.#byte() : this.#byte();
      }
      this.#quantization[head & 15] = table;
    }
  }

  #readHuffman(end: number): void {
    while (this.#at < end) {
      const head = this.#byte();
      const counts = Array.from({ length: 16 }, () => this.#byte());
      const count = counts.reduce((sum, n) => sum + n, 0);
      if (count > 256) throw this.#damaged('a code table is too long');
      const symbols = Uint8Array.from({ length: count }, () => this.#byte());
      const largest = new Int32Array(17).fill(-1);
      const offset = new Int32Array(17);
      let code = 0;
      let index = 0;
      counts.forEach((n, i) => {
        offset[i + 1] = index - code;
        if (n > 0) largest[i + 1] = code + n - 1;
        if (code + n > 1 << (i + 1)) throw this.#damaged('a code table has too many codes');
        index += n;
        code = (code + n) << 1;
      });
      const tables = head >> 4 === 0 ? this.#dcTables : this.#acTables;
      tables[head & 15] = { largest, offset, symbols };
    }
  }

  #readFrame(progressive: boolean): void {
    if (this.#frame !== undefined) throw this.#damaged('it holds two images');
    this.#byte();
    const height = this.#byte() * 256 + this.#byte();
    const width = this.#byte() * 256 + this.#byte();
    const described = Array.from({ length: this.#byte() }, () => {
      const [id, sampling, table] = [this.#byte(), this.#byte(), this.#byte()];
      return { id, across: sampling >> 4, down: sampling & 15, table };
    });
    const sound = ({ across, down }: { across: number; down: number }): boolean =>
      across >= 1 && across <= 4 && down >= 1 && down <= 4;
    if (width === 0 || height === 0 || described.length === 0 || !described.every(sound)) {
      throw this.#damaged('its frame header is wrong');
    }
    const mostAcross = Math.max(...described.map(({ across }) => across));
    const mostDown = Math.max(...described.map(({ down }) => down));
    const unitsAcross = Math.ceil(width / (8 * mostAcross));
    const unitsDown = Math.ceil(height / (8 * mostDown));
    const components = described.map((component): Component => {
      const { across, down } = component;
      const stride = unitsAcross * across;
      return {
        ...component,
        columns: Math.ceil(Math.ceil((width * across) / mostAcross) / 8),
        rows: Math.ceil(Math.ceil((height * down) / mostDown) / 8),
        stride,
        coefficients: new Int16Array(64 * stride * unitsDown * down),
        quantization: undefined,
        dc: 0,
      };
    });
    this.#frame = { progressive, width, height, components, unitsAcross, unitsDown };
  }

  #readScan(): Scan {
    const frame = this.#frame;
    if (frame === undefined) throw this.#damaged('image data comes before the frame header');
    const components = Array.from({ length: this.#byte() }, () => {
      const id = this.#byte();
      const tables = this.#byte();
      const component = frame.components.find((each) => each.id === id);
      if (component === undefined)
        throw this.#damaged(`a scan is of component ${id}, which is none`);
      component.quantization ??= this.#quantization[component.table];
      return { component, dc: this.#dcTables[tables >> 4], ac: this.#acTables[tables & 15] };
    });
    const [first, last, bits] = [this.#byte(), this.#byte(), this.#byte()];
    const [high, low] = [bits >> 4, bits & 15];
    const { progressive } = frame;
    const bands = progressive
      ? first <= last && last < 64 && (first === 0) === (last === 0) && low < 14
      : first === 0 && last === 63 && bits === 0;
    const single = components.length === 1 || first === 0;
    if (components.length === 0 || components.length > 4 || !bands || !single) {
      throw this.#damaged('a scan header is wrong');
    }
    return { components, first, last, high, low };
  }

  #decodeScan(scan: Scan): void {
    const { unitsAcross, unitsDown } = this.#frame!;
    const [only] = scan.components;
    const alone = scan.components.length === 1 ? only?.component : undefined;
    const across = alone?.columns ?? unitsAcross;
    const down = alone?.rows ?? unitsDown;
    this.#restart(scan);
    for (let unit = 0; unit < across * down; unit++) {
      if (this.#restartInterval > 0 && unit > 0 && unit % this.#restartInterval === 0) {
        this.#bitCount = 0;
        const marker = this.#marker();
        const expected = 0xd0 + ((unit / this.#restartInterval - 1) & 7);
        if (marker !== expected) throw this.#damaged(`a restart marker is missing`);
        this.#restart(scan);
      }
      const row = Math.floor(unit / across);
      const column = unit % across;
      for (const part of scan.components) {
        const { component } = part;
        if (alone !== undefined) {
          this.#decodeBlock(scan, part, row * component.stride + column);
          continue;
        }
        for (let v = 0; v < component.down; v++) {
          for (let h = 0; h < component.across; h++) {
            const block =
              (row * component.down + v) * component.stride + column * component.across + h;
            this.#decodeBlock(scan, part, block);
          }
        }
      }
    }
    this.#bitCount = 0;
  }

  #restart({ components }: Scan): void {
    this.#bitCount = 0;
    this.#endOfBand = 0;
    for (const { component } of components) component.dc = 0;
  }

  #decodeBlock(scan: Scan, { component, dc, ac }: Scan['components'][number], block: number): void {
    const coefficients = component.coefficients.subarray(64 * block, 64 * block + 64);
    if (!this.#frame!.progressive) {
      coefficients[0] = this.#nextDc(component, dc);
      this.#decodeSequential(coefficients, ac);
    } else if (scan.first === 0) {
      if (scan.high === 0) coefficients[0] = this.#nextDc(component, dc) << scan.low;
      else coefficients[0]! |= this.#bit() << scan.low;
    } else if (scan.high === 0) {
      this.#decodeBand(coefficients, ac, scan);
    } else {
      this.#refineBand(coefficients, ac, scan);
    }
  }

  #nextDc(component: Component, table: HuffmanTable | undefined): number {
    const size = this.#symbol(table);
    if (size > 15) throw this.#damaged('a code is wrong');
    return (component.dc += this.#signed(size));
  }

  #decodeSequential(coefficients: Int16Array, ac: HuffmanTable | undefined): void {
    for (let k = 1; k < 64; k++) {
      const symbol = this.#symbol(ac);
      const [run, size] = [symbol >> 4, symbol & 15];
      if (size === 0) {
        if (run !== 15) break;
        k += 15;
        continue;
      }
      k += run;
      if (k > 63) throw this.#damaged('a block has more than 64 coefficients');
      coefficients[ZIGZAG[k]!] = this.#signed(size);
    }
  }

  #decodeBand(
    coefficients: Int16Array,
    ac: HuffmanTable | undefined,
    { first, last, low }: Scan,
  ): void {
    if (this.#endOfBand > 0) {
      this.#endOfBand--;
      return;
    }
    for (let k = first; k <= last; k++) {
      const symbol = this.#symbol(ac);
      const [run, size] = [symbol >> 4, symbol & 15];
      if (size === 0) {
        if (run !== 15) {
          this.#endOfBand = (1 << run) - 1 + this.#receive(run);
          break;
        }
        k += 15;
        continue;
      }
      k += run;
      if (k > last) throw this.#damaged('a block has too many coefficients');
      coefficients[ZIGZAG[k]!] = this.#signed(size) << low;
    }
  }

  /** Adds a bit to the coefficients that are not zero, and sets new ones between them (T.81, G.1.2.3). */
  #refineBand(
    coefficients: Int16Array,
    ac: HuffmanTable | undefined,
    { first, last, low }: Scan,
  ): void {
    const bit = 1 << low;
    const refine = (at: number): void => {
      const value = coefficients[at]!;
      if (this.#bit() === 1 && (value & bit) === 0)
        coefficients[at] = value + (value > 0 ? bit : -bit);
    };
    let k = first;
    if (this.#endOfBand === 0) {
      for (; k <= last; k++) {
        const symbol = this.#symbol(ac);
        let run = symbol >> 4;
        let value = 0;
        if ((symbol & 15) === 1) value = this.#bit() === 1 ? bit : -bit;
        else if ((symbol & 15) !== 0) throw this.#damaged('a code is wrong');
        else if (run !== 15) {
          this.#endOfBand = (1 << run) + this.#receive(run);
          break;
        }
        // Over `run` zeros; those that are none are refined on the way.
        for (; k <= last; k++) {
          const at = ZIGZAG[k]!;
          if (coefficients[at] !== 0) refine(at);
          else if (run-- === 0) {
            if (value !== 0) coefficients[at] = value;
            break;
          }
        }
      }
    }
    if (this.#endOfBand === 0) return;
    for (; k <= last; k++) {
      const at = ZIGZAG[k]!;
      if (coefficients[at] !== 0) refine(at);
    }
    this.#endOfBand--;
  }

  #bit(): number {
    if (this.#bitCount === 0) {
      this.#bits = this.#byte();
      this.#bitCount = 8;
      if (this.#bits === 0xff && this.#byte() !== 0)
        throw this.#damaged('image data ends too early');
    }
    return (this.#bits >> --this.#bitCount) & 1;
  }

  #receive(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.#bit();
    return value;
  }

  /** `size` bits as a signed number (T.81, F.2.2.1). */
  #signed(size: number): number {
    if (size === 0) return 0;
    const value = this.#receive(size);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  #symbol(table: HuffmanTable | undefined): number {
    if (table === undefined) throw this.#damaged('a code table is missing');
    let code = 0;
    for (let length = 1; length <= 16; length++) {
      code = (code << 1) | this.#bit();
      if (code <= table.largest[length]!) return table.symbols[code + table.offset[length]!]!;
    }
    throw this.#damaged('a code is wrong');
  }

  #render({ width, height, components }: Frame): JpegChannels {
    const channels = components.length;
    const data = new Uint8Array(width * height * channels);
    const mostAcross = Math.max(...components.map(({ across }) => across));
    const mostDown = Math.max(...components.map(({ down }) => down));
    components.forEach((component, c) => {
      const samples = this.#samples(component);
      const stride = 8 * component.stride;
      for (let y = 0; y < height; y++) {
        const row = Math.floor((y * component.down) / mostDown) * stride;
        for (let x = 0; x < width; x++) {
          const column = Math.floor((x * component.across) / mostAcross);
          data[(y * width + x) * channels + c] = samples[row + column]!;
        }
      }
    });
    return { width, height, channels, data };
  }

  /** Samples of a component, [8 · rows, 8 · stride]. */
  #samples({ coefficients, quantization, stride }: Component): Uint8Array {
    if (quantization === undefined) throw this.#damaged('a quantization table is missing');
    const samples = new Uint8Array(coefficients.length);
    const block = new Int32Array(64);
    for (let n = 0; n < coefficients.length / 64; n++) {
      for (let i = 0; i < 64; i++) block[i] = coefficients[64 * n + i]! * quantization[i]!;
      for (let column = 0; column < 8; column++)
        transform(block, column, 8, CONST_BITS - PASS_BITS);
      for (let row = 0; row < 8; row++) transform(block, 8 * row, 1, CONST_BITS + PASS_BITS + 3);
      const corner = 8 * (Math.floor(n / stride) * 8 * stride + (n % stride));
      for (let i = 0; i < 64; i++) {
        const value = block[i]! + 128;
        samples[corner + (i >> 3) * 8 * stride + (i & 7)] =
          value < 0 ? 0 : value > 255 ? 255 : value;
      }
    }
    return samples;
  }

  #damaged(reason: string): UserError {
    return new UserError(`the JPEG data is damaged (${reason})`, { file: this.#file });
  }
}

const CONST_BITS = 13;
const PASS_BITS = 2;

/** Inverse cosine transform of eight values `step` apart, after Loeffler, Ligtenberg and Moschytz (1989). */
function transform(block: Int32Array, start: number, step: number, shift: number): void {
  const at = (i: number): number => block[start + i * step]!;
  const even = (at(2) + at(6)) * 4433;
  const even2 = even - at(6) * 15137;
  const even3 = even + at(2) * 6270;
  const sum = (at(0) + at(4)) * (1 << CONST_BITS);
  const difference = (at(0) - at(4)) * (1 << CONST_BITS);

  const z5 = (at(7) + at(3) + at(5) + at(1)) * 9633;
  const z1 = (at(7) + at(1)) * -7373;
  const z2 = (at(5) + at(3)) * -20995;
  const z3 = (at(7) + at(3)) * -16069 + z5;
  const z4 = (at(5) + at(1)) * -3196 + z5;
  const odd0 = at(7) * 2446 + z1 + z3;
  const odd1 = at(5) * 16819 + z2 + z4;
  const odd2 = at(3) * 25172 + z2 + z3;
  const odd3 = at(1) * 12299 + z1 + z4;

  const round = 1 << (shift - 1);
  const put = (i: number, value: number): void => {
    block[start + i * step] = (value + round) >> shift;
  };
  put(0, sum + even3 + odd3);
  put(7, sum + even3 - odd3);
  put(1, difference + even2 + odd2);
  put(6, difference + even2 - odd2);
  put(2, difference - even2 + odd1);
  put(5, difference - even2 - odd1);
  put(3, sum - even3 + odd0);
  put(4, sum - even3 - odd0);
}
