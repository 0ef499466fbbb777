/** Reads a model file for an editor, which wants to know what it holds and what is wrong with it, and needs no weights. */
import { UserError } from '../util/errors';
import type { ModelFileReading } from './model';
import { inspectModelFile, openModelFile } from './model-files';

/** Never throws for what is on the disk. @param file absolute */
export async function readModelFile(file: string): Promise<ModelFileReading> {
  const marks = new Map<string, string>();
  try {
    const { model, sha256 } = await openModelFile(file, marks);
    const { graph, quantization } = model;
    return {
      marks: Object.fromEntries(marks),
      facts: model.file ?? (await inspectModelFile(file)),
      network: { graph, int8: quantization !== undefined, sha256 },
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const facts = await factsOf(file);
    return { marks: Object.fromEntries(marks), ...facts, problem: error.message };
  }
}

async function factsOf(file: string): Promise<Pick<ModelFileReading, 'facts'>> {
  try {
    return { facts: await inspectModelFile(file) };
  } catch (error) {
    if (error instanceof UserError) return {};
    throw error;
  }
}
