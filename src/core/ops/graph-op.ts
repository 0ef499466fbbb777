/**
 * What the graph knows of a kind of layer: how it is configured, what comes out of it, how many weights it has. One
 * file `<kind>/graph.ts` each, all of them in the table of graph-ops.ts.
 *
 * Methods, not functions in properties: the table holds the operations of all kinds as operations on any layer, and
 * whoever takes one from it does so by the layer's own kind.
 */
import type { ConfigBase, LayerBase } from './layer';
import type { Fail, LayerKey } from './layer-keys';
import type { Clamp, Shape } from './shape';
import type { OverTime } from './time';
import type { Cropped } from './window';

/** A `type` of the config's layers. */
export interface ConfigType {
  /** What a layer without a name is called, before its number. */
  readonly defaultName: string;
  /** Where it is but a clamp of the layer it reads, which that layer may do itself. */
  readonly clamp?: Clamp;
  /** Of networks that come as files alone: a config has no place for the layer's values. */
  readonly fromFile?: true;
}

/** How a layer's weights lie in memory and what they cost. */
export interface LayerWeights<L> {
  /** Dimensions in storage order. */
  shape(layer: L): readonly number[];
  /** Which dimension is the channel. */
  readonly channel: 'first' | 'last';
  /** Number of channels, each with weights, scale and bias of its own; absent: those of the output. */
  channels?(layer: L): number;
  /**
   * How many of a channel's weights, one after the other, belong to each of its parts, where a channel makes sums of different
   * things that are scaled apart; absent: a channel makes one sum. Kinds that have parts have them in one piece (`together`).
   */
  parts?(layer: L): readonly number[];
  /** Whether the kernel takes all weights at once; else any number of channels. */
  readonly together?: boolean;
  /** Multiply–accumulates of one inference, padding counted as work. */
  macs(layer: L): number;
}

/**
 * What becomes of the input's channels. `mixed`: every output channel is made of all of them. `each`: output channel c
 * is made of input channel c, with weights of its own. `kept`: the same, without weights; where the output has more channels
 * (flattened), its channel c is of input channel c mod their number. `summed`: as `kept`, from several inputs whose channels
 * are added. `bound`: as `kept`, and their order has a meaning. `own`: the output has channels of its own, made of some or all
 * of the input's or put together from them, and neither can be put into another order.
 */
export type ChannelFlow = 'mixed' | 'each' | 'kept' | 'summed' | 'bound' | 'own';

/** A tensor that a layer owns besides weights: training leaves it as it is, the firmware has it as a table. */
export interface Constant {
  readonly name: string;
  readonly shape: Shape;
}

/** What is known of a layer before its kind comes in. */
export type Place = Omit<LayerBase, 'kind' | 'outputShape'>;

export interface GraphOp<L extends LayerBase, C extends ConfigBase> {
  /** By the config's `type`: a kind may have several. */
  readonly types: Readonly<Record<string, ConfigType>>;
  /** What the config may say of such a layer besides type, name and inputs. */
  readonly keys: readonly LayerKey[];
  /** Such a layer, as an editor proposes it and as the tests of all kinds use it. */
  readonly example: C;
  /** Number of tensors it reads; the most, where `leastInputs` tells of fewer. */
  readonly inputs: number;
  /** How few are enough for such a layer. */
  leastInputs?(config: C): number;
  /**
   * The layer that the config means. `inputs`: shapes of all that it reads, the first is the place's `inputShape`;
   * `fail`: for what is missing or does not fit. Models keep layers as JSON, in this order of their keys.
   */
  layer(config: C, place: Place, inputs: readonly Shape[], fail: Fail): L;
  readonly weights?: LayerWeights<L>;
  /** What the layer owns besides weights. */
  constants?(layer: L): readonly Constant[];
  /** The layer without weights that never meet its input, whatever that holds; absent where there can be none. */
  cropped?(layer: L): Cropped<L>;
  /** What becomes of a layer that a clamp behind it joins; absent where it cannot clamp what it puts out. */
  clamped?(layer: L, by: Clamp): L;
  readonly channels: ChannelFlow;
  /** Where it is another for some layers of the kind. */
  flow?(layer: L): ChannelFlow;
  /**
   * Whether channels that come in k times as large (any k > 0, another one for each channel) go out k times as large:
   * then a scale may be moved from the weights before to those behind. Of layers with weights and sums without their
   * bias; of `mixed` ones it says only that nothing but the bias and such a clamp follow the sums. Absent: no.
   */
  homogeneous?(layer: L): boolean;
  /** How it goes along time. */
  readonly overTime?: OverTime<L>;
  /** What its numbers are where it is the network's last layer and puts out no plain scores. */
  readonly puts?: 'probability' | 'index';
  /** Whether nothing may come behind it, but for a layer that puts out an index of what it gives. */
  readonly last: boolean;
}
