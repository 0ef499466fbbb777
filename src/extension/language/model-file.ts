/** The model file that a config names: what it is, read when somebody asks and again only when it has changed. */
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { FileFacts } from '../../core/models/model';
import { UserError } from '../../core/util/errors';
import { isRecord } from '../../core/util/is-record';
import type { OpenConfig } from './open-configs';

interface Known {
  readonly file: string;
  readonly mark: string;
  readonly facts: FileFacts | string;
}

let known: Known | undefined;

/** Markdown; undefined where the config names no file that may be read. */
export async function modelFileText(
  { advised, document }: OpenConfig,
  workspace: string,
): Promise<string | undefined> {
  const value: unknown = advised.document.value;
  const model = isRecord(value) ? value['model'] : undefined;
  const name = isRecord(model) ? model['file'] : undefined;
  if (typeof name !== 'string' || name === '') return undefined;
  const file = resolve(dirname(document.uri.fsPath), name);
  const facts = await factsOf(file, workspace);
  if (facts === undefined || typeof facts === 'string') return facts;
  const { describeModelFile } = await import('../../core/report/describe-model-file');
  return describeModelFile(basename(file), facts, advised.forecast);
}

/** What keeps the file from being read comes as a text. */
async function factsOf(file: string, workspace: string): Promise<FileFacts | string | undefined> {
  const [{ checkResolved, linkProblem }, { inspectModelFile }] = await Promise.all([
    import('../../core/config/paths'),
    import('../../core/models/models'),
  ]);
  const checked = checkResolved(file, workspace, 'path');
  if (typeof checked === 'string' || linkProblem(file, workspace) !== undefined) return undefined;
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const mark = `${stats.size} ${stats.mtimeMs}`;
  if (known?.file === file && known.mark === mark) return known.facts;
  try {
    known = { file, mark, facts: await inspectModelFile(file) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    known = { file, mark, facts: error.message };
  }
  return known.facts;
}
