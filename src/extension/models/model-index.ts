/** The ModelIndex: the background process reads, a cache remembers, the status bar shows a reading that takes long. */
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import type { ModelConfig } from '../../core/config/config';
import type { ModelFact } from '../../core/models/check-config';
import type { KnownModel, ModelIndex, WorkerControl } from '../services';
import type { ModelCache } from './model-cache';

/** What is read in less is not worth a word, milliseconds. */
const SHOWN_AFTER_MS = 300;

export class WorkerModelIndex implements ModelIndex {
  #cache: ModelCache | undefined;

  constructor(private readonly worker: Pick<WorkerControl, 'readModel'>) {}

  known(file: string): KnownModel | undefined {
    return this.#cache?.known(file);
  }

  async read(file: string, workspace: string, signal?: AbortSignal): Promise<KnownModel> {
    const { ModelCache } = await import('./model-cache');
    this.#cache ??= new ModelCache((...asked) => this.worker.readModel(...asked));
    const reading = this.#cache.read(file, workspace, signal);
    const timer = setTimeout(() => {
      const title = `EAST: reading ${basename(file)}`;
      const ended = reading.then(
        () => undefined,
        () => undefined,
      );
      void vscode.window.withProgress(
        { location: vscode.ProgressLocation.Window, title },
        () => ended,
      );
    }, SHOWN_AFTER_MS);
    try {
      return await reading;
    } finally {
      clearTimeout(timer);
    }
  }

  async gather(config: ModelConfig, workspace: string): Promise<ModelFact> {
    const { gatherKnown } = await import('./gather-known');
    return gatherKnown(config, workspace, {
      read: (file) => this.read(file, workspace),
      others: async () => {
        const { findModelFiles } = await import('./find-model-files');
        return (await findModelFiles(workspace)).map((path) => join(workspace, path));
      },
    });
  }
}
