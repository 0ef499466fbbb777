/** Bytes that the structs of the C runtime take on a 32-bit ARM. The tests compare them with the compiler's. */
export const STRUCT_BYTES = {
  east_weights: 32,
  east_window: 22,
  east_conv_2d_params: 28,
  east_add_params: 28,
  east_clamp_params: 8,
  east_softmax_params: 20,
  east_step: 20,
  east_model: 40,
  east_packing: 8,
} as const;

export type StructName = keyof typeof STRUCT_BYTES;
