/** The parts that flash, RAM and the weights in flash are taken by, in the order and words in which people read them. */
import type { RamParts } from '../firmware/memory-plan';
import type { FlashParts, FlashUsage } from './usage';

/** Its name, and bytes. */
export type Part = readonly [name: string, bytes: number];

const FLASH = {
  weights: 'weights',
  biases: 'biases',
  tables: 'tables',
  code: 'code',
} as const satisfies Record<keyof FlashParts, string>;

const RAM = {
  activations: 'activations',
  scratch: 'scratch',
  decode: 'decode buffer',
  frontend: 'front end',
} as const satisfies Record<keyof RamParts, string>;

/** What of flash is not weights, as a sentence names it. */
export const FIXED_FLASH = `${FLASH.code}, ${FLASH.biases} and ${FLASH.tables}`;

type Code = Pick<FlashUsage, 'code'> & Partial<Pick<FlashUsage, 'codeSource'>>;

/** All but the weights. Whether the code was measured is said where it is known. */
export function fixedFlashParts(flash: Omit<FlashParts, 'weights'> & Code): Part[] {
  const code = flash.codeSource === 'table' ? `${FLASH.code} (from the table)` : FLASH.code;
  return [
    [FLASH.biases, flash.biases],
    [FLASH.tables, flash.tables],
    [code, flash.code],
  ];
}

export function flashParts(flash: FlashParts & Code): Part[] {
  return [[FLASH.weights, flash.weights], ...fixedFlashParts(flash)];
}

export function ramParts(ram: RamParts): Part[] {
  return [
    [RAM.activations, ram.activations],
    [RAM.scratch, ram.scratch],
    [RAM.decode, ram.decode],
    ...(ram.frontend === undefined ? [] : [[RAM.frontend, ram.frontend] as const]),
  ];
}

/** Of the blob: what the layers take, their entries of the tile table included, and the rest. */
export function weightParts(layers: number, header: number): Part[] {
  return [
    ['layers', layers],
    ['header', header],
  ];
}
