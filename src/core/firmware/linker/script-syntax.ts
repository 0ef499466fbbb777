/** What a GNU linker script says, as it says it: nothing is evaluated yet. */
import type { Expression } from './script-expression';

export interface ScriptSyntax {
  /** In the order of the text, included files in their place; those of SECTIONS among them. */
  readonly statements: readonly Statement[];
  /** Files of INCLUDE commands that were not read. */
  readonly notFollowed: readonly string[];
  /** Why SECTIONS could not be read, where that is so: what it says of regions is then lacking. */
  readonly sectionsProblem: string | undefined;
}

export type Statement =
  | Assignment
  | MemoryEntry
  | Assertion
  | OutputSection
  | { readonly kind: 'alias'; readonly alias: string; readonly region: string };

export interface Assignment {
  readonly kind: 'assignment';
  readonly name: string;
  readonly value: Expression;
  /** PROVIDE: only where nothing else gives the symbol a value. */
  readonly provide: boolean;
  readonly line: number;
}

export interface MemoryEntry {
  readonly kind: 'memory';
  readonly name: string;
  /** As written, without parentheses: `rx`; undefined where none are given. */
  readonly attributes: string | undefined;
  readonly origin: Expression;
  readonly length: Expression;
  readonly line: number;
}

export interface Assertion {
  readonly kind: 'assertion';
  readonly condition: Expression;
  readonly message: string;
  readonly line: number;
}

export interface OutputSection {
  readonly kind: 'section';
  readonly name: string;
  readonly address: Expression | undefined;
  /** NOLOAD, COPY, INFO, OVERLAY, DSECT; or what newer linkers know, which changes nothing here. */
  readonly type: string | undefined;
  readonly loadAddress: Expression | undefined;
  /** As named behind `>` and `AT>`: a region or an alias. */
  readonly region: string | undefined;
  readonly loadRegion: string | undefined;
  readonly contents: readonly Content[];
  readonly line: number;
}

export type Content = Assignment | Assertion | InputPattern | { readonly kind: 'data' };

/** `*libm.a:(.text .text.*)`: which sections of which files come here. */
export interface InputPattern {
  readonly kind: 'input';
  readonly file: string;
  readonly excluded: readonly string[];
  /** Empty where the whole file comes here. */
  readonly sections: readonly { readonly name: string; readonly excluded: readonly string[] }[];
}
