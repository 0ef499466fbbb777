/**
 * How much of an image is the model's own already: what the rest takes is what is left of the sum. By object file where
 * those have names; link-time optimisation and compilers' temporary files leave only symbols, or nothing to go by.
 */
import { partOf, type LinkerMap, type MapInput, type Part } from './linker-map';

/** The model whose share is asked for. */
export interface OwnFiles {
  /** Prefix of its symbols and files. */
  readonly name: string;
  /** Its C files without ending, where they are known; otherwise those whose names begin with it. */
  readonly files?: ReadonlySet<string>;
  /** All words of those files, where they are known: what is not among them is no symbol of theirs. */
  readonly words?: ReadonlySet<string>;
}

export interface OwnShare {
  /** Input sections that are the model's. */
  readonly inputs: ReadonlyMap<MapInput, Part>;
  /** Input sections of which nothing tells whether they are, or in part. */
  readonly unclear: ReadonlyMap<MapInput, Part>;
  /** Why those are unclear, as a clause. */
  readonly why: string | undefined;
}

export function ownShare(map: LinkerMap, own: OwnFiles): OwnShare {
  const others = own.words === undefined ? otherModels(map, own.name) : [];
  const isOwn = (symbol: string): boolean => isOwnSymbol(symbol, own, others);
  // Link-time optimisation keeps the names of the files that went in, though not of what came out.
  const mayBeIn = map.objects.some((object) => {
    const stem = stemOf(object);
    return isOwnFile(stem, own, others) || ANONYMOUS.test(stem);
  });
  const inputs = new Map<MapInput, Part>();
  const unclear = new Map<MapInput, Part>();
  let why: string | undefined;
  for (const [object, parts] of byObject(map)) {
    const stem = stemOf(object);
    if (isOwnFile(stem, own, others)) {
      for (const input of parts) inputs.set(input, partOfInput(input));
      continue;
    }
    const touched = parts.some((input) => symbolsOf(input).some(isOwn));
    const foreign = parts.some(({ symbols }) => symbols.some((symbol) => !isOwn(symbol)));
    const optimised = OPTIMISED.test(object.replace(/^.*[\\/]/, ''));
    if (touched && !foreign && !optimised) {
      for (const input of parts) inputs.set(input, partOfInput(input));
      continue;
    }
    // A file that has a name of its own and none of the model's symbols is others'.
    const opaque = optimised ? mayBeIn : ANONYMOUS.test(stem) && !foreign;
    if (!touched && !opaque) continue;
    for (const input of parts) {
      const named = symbolIn(input);
      // Equal functions are made one under either name by link-time optimisation.
      const shared = optimised && partOfInput(input) === 'code';
      if (named !== undefined && isOwn(named) && input.symbols.every(isOwn) && !shared) {
        inputs.set(input, partOfInput(input));
      } else if (input.size > 0 && mayHoldOwn(input, own, others)) {
        unclear.set(input, partOfInput(input));
        why ??= optimised
          ? 'link-time optimisation leaves no names of files'
          : `${shortObject(object)} holds the model and other things`;
      }
    }
  }
  return { inputs, unclear, why };
}

/** What link-time optimisation of GCC and LLVM makes. */
const OPTIMISED = /\.ltrans|^lto-llvm|^lto\.tmp/;
/** Compilers' temporary files. */
const ANONYMOUS = /^cc[A-Za-z0-9]{6}$/;

/**
 * Static functions keep no name that is the model's, texts none at all, and functions of the application hold those of
 * the model that the compiler has inlined. Data of another name are others'.
 */
function mayHoldOwn(input: MapInput, own: OwnFiles, others: readonly string[]): boolean {
  if (partOfInput(input) === 'code')
    return !others.some((other) => symbolIn(input)?.startsWith(other) === true);
  const symbols = symbolsOf(input);
  if (symbols.some((symbol) => isOwnSymbol(symbol, own, others))) return true;
  if (input.symbols.length > 0) return false;
  return symbols.every(
    (symbol) =>
      own.words?.has(symbol) !== false && !others.some((other) => symbol.startsWith(other)),
  );
}

function byObject(map: LinkerMap): Map<string, MapInput[]> {
  const objects = new Map<string, MapInput[]>();
  for (const { inputs } of map.sections) {
    for (const input of inputs) {
      const same = objects.get(input.object);
      if (same === undefined) objects.set(input.object, [input]);
      else same.push(input);
    }
  }
  return objects;
}

function partOfInput({ holds, section }: MapInput): Part {
  return holds ?? partOf(section) ?? 'constants';
}

/** `libx.a(meter_run.c.obj)` → `meter_run`; generated files have no dot in their names. */
export function stemOf(object: string): string {
  const member = /\(([^()]*)\)$/.exec(object)?.[1] ?? object;
  const file = member.split(/[\\/:]/).at(-1) ?? '';
  return file.replace(/\..*$/, '');
}

function shortObject(object: string): string {
  return object.split(/[\\/]/).at(-1) ?? object;
}

const SECTION_PREFIX =
  /^(?:\.(?:text|rodata|s?data|s?bss|noinit|constdata)(?:\.(?:unlikely|startup|hot|exit|rel\.ro|local|cold))*|i)\.(.+)$/;
/** What compilers put behind the names of copies and parts of functions. */
const COPIES = /\.(?:constprop|isra|part|lto_priv|cold|str1|llvm|cst\d|\d).*$/;

/** The symbol that an input section is named after. */
function symbolIn({ section }: MapInput): string | undefined {
  const named = SECTION_PREFIX.exec(section)?.[1]?.replace(COPIES, '');
  return named === undefined || named === '' || NO_SYMBOL.test(named) ? undefined : named;
}

/** `.text.startup`, `.rodata.str1.4`: what compilers call sections without a symbol. */
const NO_SYMBOL = /^(?:str\d|cst\d|unlikely$|startup$|hot$|exit$)/;

/** The symbols that an input section is known to hold: its name tells one, the map those that are global. */
function symbolsOf(input: MapInput): string[] {
  const named = symbolIn(input);
  return [...new Set([...(named === undefined ? [] : [named]), ...input.symbols])];
}

/** Names of other models whose names begin with this one's, so that their symbols do, too: each has its weights. */
function otherModels(map: LinkerMap, name: string): string[] {
  const found = new Set<string>();
  for (const { inputs } of map.sections) {
    for (const input of inputs) {
      const names = [
        /^(.+)_weights$/.exec(stemOf(input.object)),
        ...symbolsOf(input).map((symbol) => /^(.+)_weights_blob$/.exec(symbol)),
      ];
      for (const [, other] of names.filter((match) => match !== null)) {
        if (other?.startsWith(`${name}_`) === true) found.add(`${other}_`);
      }
    }
  }
  return [...found];
}

function isOwnFile(stem: string, { name, files }: OwnFiles, others: readonly string[]): boolean {
  if (files !== undefined) return files.has(stem);
  return isNamedAfter(stem, name, others) && stem !== `${name}_selftest`;
}

function isOwnSymbol(
  symbol: string,
  { name, words }: OwnFiles,
  others: readonly string[],
): boolean {
  // The self-test is no part of what a budget counts.
  if (symbol.startsWith(`${name}_selftest`)) return false;
  return isNamedAfter(symbol, name, others) && words?.has(symbol) !== false;
}

function isNamedAfter(text: string, name: string, others: readonly string[]): boolean {
  return text.startsWith(`${name}_`) && !others.some((other) => text.startsWith(other));
}
