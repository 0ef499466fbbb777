/**
 * Which class a label stands for. Labels are numbers or names, as the training set has them: classes are numbered in the
 * order of the numbers, or of the names' code units, so labels that begin at 1, have gaps or are negative are as good as
 * any. There must be exactly `model.classes` of them.
 */
import { UserError } from '../util/errors';

export type Label = number | string;

/** What there is to do about labels that are measurements. */
export const CLASSES_ONLY =
  'set "task" to "regression" to have the network tell them, or sort the values into classes and give those as labels';

export interface Classes {
  /** By class index. */
  readonly names: readonly string[];
  readonly indexOf: ReadonlyMap<Label, number>;
  /** Sentences for the user; usually none. */
  readonly notes: readonly string[];
}

/** Classes of a network that was trained before: which output is which is settled, whatever labels the examples have. */
export interface KnownClasses {
  /** Outputs of the network. */
  readonly count: number;
  readonly names?: readonly string[];
}

/** Undefined where a label is neither the index of an output nor the name of one: then labels are numbered as always. */
function classesKnown(
  labels: readonly Label[],
  { count, names }: KnownClasses,
): Classes | undefined {
  const every = Array.from({ length: count }, (_, i) => i);
  const indexOf = new Map<Label, number>(every.map((i) => [i, i]));
  names?.forEach((name, i) => indexOf.set(name, i));
  if (!labels.every((label) => indexOf.has(label))) return undefined;
  return { names: names ?? every.map(String), indexOf, notes: [] };
}

/** How often a label is there, and where first, in words for a message. */
export interface LabelUse {
  count: number;
  readonly where: () => string;
}

export type LabelUses = Map<Label, LabelUse>;

export function countLabel(uses: LabelUses, label: Label, where: () => string): void {
  const use = uses.get(label);
  if (use === undefined) uses.set(label, { count: 1, where });
  else use.count++;
}

/**
 * @param uses labels of the training set, all numbers or all names
 * @param classes undefined: as many as there are labels, unless these look like none
 * @param names that the data gives its classes beside the labels
 * @param network that knows the classes already
 */
export function classesOf(
  uses: LabelUses,
  classes: number | undefined,
  file: string,
  names?: readonly string[],
  network?: KnownClasses,
): Classes {
  const known = network && classesKnown([...uses.keys()], network);
  if (known !== undefined) return known;
  const labels = [...uses.keys()].sort((a, b) => (a < b ? -1 : 1));
  const wanted = classes ?? labels.length;
  if (labels.length !== wanted) {
    throw unfitLabels(labels, uses, file) ?? wrongCount(labels, uses, wanted, file);
  }
  const unfit = classes === undefined ? unfitLabels(labels, uses, file) : undefined;
  if (unfit !== undefined) throw unfit;
  const indexOf = new Map(labels.map((label, i) => [label, i]));
  const plain = labels.every((label, i) => typeof label === 'string' || label === i);
  const twice = names?.find((name, i) => names.indexOf(name) !== i);
  const given = names?.length === wanted && twice === undefined;
  return {
    names: given ? names : labels.map(String),
    indexOf,
    notes: [
      ...(plain
        ? []
        : [
            `labels ${show(labels)} of the training set are classes 0 … ${wanted - 1}, in that order`,
          ]),
      ...(names === undefined || given
        ? []
        : [
            `the ${names.length} class names in ${file} are not used: ${names.length === wanted ? `two classes are called "${twice}"` : `there are ${wanted} classes`}`,
          ]),
    ],
  };
}

/** Where there is no number of classes with which they could be learned. */
function unfitLabels(
  labels: readonly Label[],
  uses: LabelUses,
  file: string,
): UserError | undefined {
  const [only] = labels;
  if (labels.length === 1) {
    return new UserError(
      `every label of the training set is ${only}; there must be examples of at least two classes`,
      { file },
    );
  }
  const count = [...uses.values()].reduce((sum, use) => sum + use.count, 0);
  if (labels.some(isFraction) || (labels.length > 20 && labels.length > count / 2)) {
    return new UserError(
      `${foundLabels(labels)} for ${count} examples; these look like measurements: ${CLASSES_ONLY}`,
      { file },
    );
  }
  return undefined;
}

function foundLabels(labels: readonly Label[]): string {
  return `the training set has ${labels.length} different labels (${show(labels)})`;
}

function wrongCount(
  labels: readonly Label[],
  uses: LabelUses,
  classes: number,
  file: string,
): UserError {
  // A label that is there but once is more likely a slip than a class.
  const [slip, ...more] = labels.filter((label) => uses.get(label)?.count === 1);
  const mend =
    slip !== undefined && more.length === 0 && labels.length > classes
      ? `, or mend label ${JSON.stringify(slip)}, which is there only once (${uses.get(slip)!.where()})`
      : '';
  return new UserError(
    `${foundLabels(labels)} but model.classes is ${classes}; set model.classes to ${labels.length}${mend}`,
    { file },
  );
}

/** Labels of tables are text; some programs write whole numbers as "1.0". */
function isFraction(label: Label): boolean {
  const value = Number(String(label).replace(',', '.'));
  return Number.isFinite(value) && !Number.isInteger(value);
}

/** `0, 1, 2`, or the first and the last where there are many. */
export function show(labels: readonly Label[]): string {
  const shown = labels.map((label) => clip(String(label)));
  return shown.length <= 12
    ? shown.join(', ')
    : [...shown.slice(0, 10), '…', shown.at(-1)].join(', ');
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** For a label that the training set does not have. */
export function unknownLabel(label: Label, { indexOf }: Classes): string {
  const known = [...indexOf.keys()];
  return `label ${JSON.stringify(label)} is none of the training set's ${known.length} (${show(known)})`;
}
