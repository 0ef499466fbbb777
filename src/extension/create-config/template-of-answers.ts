/** From the answers to what the text of the config is made of. */
import { dirname, relative, resolve, sep } from 'node:path';
import type { DatasetConfig } from '../../core/config/config';
import { taskFile, type TaskChoice } from '../../core/config/task-choices';
import { nameFromFile } from '../../core/config/resolve';
import type { TemplateChoices } from '../../core/config/template';
import { withConfigSuffix } from '../../core/config/template-choices';
import { normalizeOf, storedBy } from '../../core/models/normalization';
import { defined, ifDefined } from '../../core/util/defined';
import type { Answers, ImportAnswers, Imported } from './answers';

/** Absolute path of the config. */
export function fileOf({ folder, file }: Pick<Answers, 'folder' | 'file'>): string {
  return resolve(folder, withConfigSuffix(file.trim()));
}

/** Paths become relative to the config, as its text has them. */
export function choicesOf(answers: Answers | ImportAnswers): TemplateChoices {
  const { folder, label, columns, told, frontend } = answers;
  const file = fileOf(answers);
  const moved = (path: string): string =>
    relative(dirname(file), resolve(folder, path)).split(sep).join('/') || '.';
  const { format, train, test, trainLabels, testLabels } = answers;
  const hasData = format !== undefined && train !== undefined && test !== undefined;
  const dataset = hasData
    ? {
        format,
        train: moved(train),
        test: moved(test),
        ...defined({
          trainLabels: ifDefined(trainLabels, moved),
          testLabels: ifDefined(testLabels, moved),
          label,
          columns,
          target: ifDefined(told, (column) => [column]),
          window: answers.window,
          recording: answers.recording,
          subject: answers.subject,
          normalize: 'imported' in answers ? expectedBy(answers.imported, format) : undefined,
        }),
      }
    : undefined;
  return {
    name: nameFromFile(file),
    ...('imported' in answers
      ? { modelFile: moved(answers.imported.modelFile), use: answers.use }
      : {
          architecture: answers.architecture,
          width: answers.width,
          // A front end says what it makes, and tasks without classes what comes out.
          ...defined({
            input: frontend === undefined ? answers.input : undefined,
            classes: hasClasses(answers.task) ? answers.classes : undefined,
          }),
        }),
    ...defined({
      dataset,
      frontend,
      task: taskFile(answers.task, answers.normal === undefined ? undefined : [answers.normal]),
    }),
    budget: { flash: answers.flash.trim(), ram: answers.ram.trim() },
    firmwareDirectory: moved(answers.firmware),
    ...defined({ target: answers.target, examples: hasData ? answers.examples : undefined }),
  };
}

function hasClasses(task: TaskChoice = 'classification'): boolean {
  return task === 'classification';
}

/** What the file says of its network's input. */
function expectedBy(
  { model: { facts } }: Imported,
  format: DatasetConfig['format'],
): DatasetConfig['normalize'] {
  return ifDefined(facts?.normalization, (hint) => normalizeOf(hint, storedBy(format)));
}
