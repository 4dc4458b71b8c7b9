/** The least and the most value of each integer type. */
export const integerRanges = {
  u8: [0n, 0xffn],
  u16: [0n, 0xffffn],
  u32: [0n, 0xffff_ffffn],
  u64: [0n, 2n ** 64n - 1n],
  s8: [-128n, 127n],
  s16: [-32_768n, 32_767n],
  s32: [-(2n ** 31n), 2n ** 31n - 1n],
  s64: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

export type IntegerKind = keyof typeof integerRanges;
