/** Whether all is answered that a config needs. */
import type { Answers, Draft, ImportAnswers } from './answers';

export function complete(draft: Draft): Answers | ImportAnswers {
  const { format, train, test, input, classes, architecture, width } = draft;
  const { flash, ram, firmware, file, imported, use } = draft;
  if (imported !== undefined && use !== undefined) {
    if (!flash || !ram || !firmware || !file) {
      throw new Error('a step of the wizard was left out');
    }
    return { ...draft, ...{ imported, use, flash, ram, firmware, file } };
  }
  if (
    format === undefined ||
    train === undefined ||
    test === undefined ||
    input === undefined ||
    classes === undefined ||
    architecture === undefined ||
    width === undefined ||
    flash === undefined ||
    ram === undefined ||
    firmware === undefined ||
    file === undefined
  ) {
    throw new Error('a step of the wizard was left out');
  }
  return {
    ...draft,
    ...{ format, train, test, input, classes, architecture, width, flash, ram, firmware, file },
  };
}
