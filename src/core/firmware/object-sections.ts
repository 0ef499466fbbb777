/** What compiled objects put where, as `size -A` says it. */
import { runProgram } from './compile';

/** Bytes by section, summed over objects. `.data` counts in flash and in RAM. */
export interface ObjectSections {
  readonly weights: number;
  readonly biases: number;
  readonly tables: number;
  readonly code: number;
  /** .data and .bss. */
  readonly ram: number;
  /** weights + biases + tables + code (+ .data, of which there should be none). */
  readonly flash: number;
}

/** `name` is the model's; objects must be compiled with -fdata-sections. Throws Error when the program fails. */
export async function objectSections(
  sizeProgram: string,
  name: string,
  objects: readonly string[],
): Promise<ObjectSections> {
  const result = await runProgram(sizeProgram, ['-A', ...objects]);
  if (result.code !== 0) throw new Error(`${sizeProgram} failed: ${result.stderr}`);
  const sums = { weights: 0, biases: 0, tables: 0, code: 0, data: 0, bss: 0 };
  for (const line of result.stdout.split('\n')) {
    const [, section, bytes] = /^(\.\S+)\s+(\d+)\s+\d+\s*$/.exec(line) ?? [];
    if (section === undefined || bytes === undefined) continue;
    const kind = classify(section, name);
    if (kind !== undefined) sums[kind] += Number(bytes);
  }
  const { data, bss, ...flash } = sums;
  return {
    ...flash,
    ram: data + bss,
    flash: flash.weights + flash.biases + flash.tables + flash.code + data,
  };
}

function classify(
  section: string,
  name: string,
): 'weights' | 'biases' | 'tables' | 'code' | 'data' | 'bss' | undefined {
  if (section === `.rodata.${name}_weights_blob`) return 'weights';
  if (section === `.rodata.${name}_biases`) return 'biases';
  if (section.startsWith(`.rodata.${name}_`)) return 'tables';
  // Constants inside a kernel come and go with its code.
  if (/^\.(text|rodata|ARM\.ex)/.test(section)) return 'code';
  if (/^\.data(\.|$)/.test(section)) return 'data';
  if (/^\.bss(\.|$)/.test(section)) return 'bss';
  return undefined;
}
