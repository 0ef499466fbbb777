/** What happens in a run, one JSON object a line in its append-only `events.jsonl`; the last word on a step wins. */
export type Phase = 'float' | 'prune' | 'finetune';

export type RunEvent =
  | {
      readonly type: 'started' | 'resumed';
      readonly time: string;
      readonly step: number;
      readonly totalSteps: number;
      readonly engine: string;
      readonly pid: number;
    }
  | {
      readonly type: 'step';
      readonly time: string;
      readonly step: number;
      readonly totalSteps: number;
      readonly epoch: number;
      readonly totalEpochs: number;
      readonly phase: Phase;
      readonly loss: number;
      /** Of the recent training batches. */
      readonly accuracy: number;
      readonly learningRate: number;
      readonly imagesPerSecond: number;
      readonly secondsLeft: number;
    }
  | {
      /** After each choice of masks. */
      readonly type: 'prune';
      readonly time: string;
      readonly step: number;
      readonly targetBytes: number;
      readonly encodedBytes: number;
      readonly sparsity: number;
      /** Fraction of mask bits that changed since the last choice. */
      readonly churn: number;
      readonly layers: readonly {
        readonly name: string;
        readonly sparsity: number;
        readonly encodedBytes: number;
      }[];
    }
  | {
      /** After each epoch, and at the end of each stage. */
      readonly type: 'evaluation';
      readonly time: string;
      readonly step: number;
      readonly epoch: number;
      readonly stage: 'float' | 'int8Dense' | 'int8Sparse';
      readonly set: 'validation' | 'test';
      readonly accuracy: number;
      readonly examples: number;
    }
  | { readonly type: 'checkpoint'; readonly time: string; readonly step: number }
  | {
      readonly type: 'stopped';
      readonly time: string;
      readonly step: number;
      readonly reason: string;
    }
  | { readonly type: 'finished'; readonly time: string; readonly step: number }
  | {
      readonly type: 'failed';
      readonly time: string;
      readonly step: number;
      readonly message: string;
    };
