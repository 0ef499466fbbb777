/** A config as it stands in the file: schema-checked, constant defaults filled in, nothing resolved yet. */
import type {
  DatasetConfig,
  EastConfig,
  FirmwareConfig,
  ModelConfig,
  QuantizationConfig,
  ResolvedConfig,
  TaskConfig,
  TrainingConfig,
} from './config';
import type { FrontendFile } from '../frontends/config';

type Computed = 'pruneEpochs' | 'learningRate' | 'pruneLearningRate' | 'weightDecay';

export type TrainingFile = Omit<TrainingConfig, Computed> & Partial<Pick<TrainingConfig, Computed>>;

export interface BudgetFile {
  readonly flash?: number | string;
  readonly ram?: number | string;
  readonly weights?: number | string;
  readonly decode?: number | null;
  readonly accuracy?: number | string;
  readonly floor?: number;
}

export type TaskFile = TaskConfig['kind'] | TaskConfig;

export interface ConfigFile {
  readonly name?: string;
  readonly task?: TaskFile;
  readonly model: ModelConfig;
  readonly dataset?: DatasetConfig;
  readonly frontend?: FrontendFile;
  readonly quantization: QuantizationConfig;
  readonly budget: BudgetFile;
  readonly east: EastConfig;
  readonly training: TrainingFile;
  readonly firmware: FirmwareConfig;
  readonly engine: ResolvedConfig['engine'];
}
