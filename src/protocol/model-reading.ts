/** What the background process tells of a model file (core/models/read-model-file.ts), checked by those who ask. */
import * as v from 'valibot';
import type {
  FileFacts,
  ModelFileReading,
  NormalizationHint,
  OperatorCount,
} from '../core/models/model';
import { number, positive, sha256, text, type Every } from '../core/util/stored';

/** −1 for a size that the file leaves open. */
const shape = v.array(number);

const fileFacts: v.GenericSchema<unknown, FileFacts> = v.object({
  format: text,
  operators: v.array(
    v.object({
      name: text,
      count: number,
      unsupported: v.exactOptional(v.literal(true)),
    } satisfies Every<OperatorCount>),
  ),
  weightsType: v.picklist(['float32', 'float16', 'dynamic', 'int8']),
  parameters: v.exactOptional(number),
  inputName: v.exactOptional(text),
  inputShape: v.exactOptional(shape),
  outputNames: v.exactOptional(v.array(text)),
  outputShapes: v.exactOptional(v.array(shape)),
  outputLayers: v.exactOptional(v.array(text)),
  classNames: v.exactOptional(v.array(text)),
  normalization: v.exactOptional(
    v.object({
      mean: v.array(number),
      std: v.array(positive),
      from: text,
    } satisfies Every<NormalizationHint>),
  ),
  notes: v.array(text),
} satisfies Every<FileFacts>);

/** Its graph is checked by itself (graph/stored-graph.ts). */
export const modelReading = v.object({
  marks: v.record(text, text),
  facts: v.exactOptional(fileFacts),
  network: v.exactOptional(
    v.object({ graph: v.unknown(), int8: v.boolean(), sha256 } satisfies Every<
      NonNullable<ModelFileReading['network']>
    >),
  ),
  problem: v.exactOptional(text),
} satisfies Every<ModelFileReading>);
