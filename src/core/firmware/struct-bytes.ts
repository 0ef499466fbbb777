/**
 * Bytes that the structs of the C runtime take where int, long and pointers have 32 bits, as on the cores of
 * microcontrollers; a target says whether that is what it has.
 */
export const ILP32_STRUCT_BYTES = {
  east_weights: 32,
  east_window: 22,
  east_conv_2d_params: 28,
  east_add_params: 28,
  east_clamp_params: 8,
  east_softmax_params: 20,
  east_step: 20,
  east_model: 40,
  east_packing: 8,
  east_codec: 8,
} as const;

export type StructName = keyof typeof ILP32_STRUCT_BYTES;
