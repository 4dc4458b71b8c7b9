/** Reinterpretation between floats and integers, as variants with joined flat types need it. */

const floats = new Float64Array(1);
const bytes = floats.buffer;
const float32 = new Float32Array(bytes, 0, 1);
const int32 = new Int32Array(bytes, 0, 1);
const int64 = new BigInt64Array(bytes);

/** The float with these bits; every NaN becomes the canonical one. */
export function f32FromBits(bits: number): number {
  int32[0] = bits;
  const value = float32[0] ?? 0;
  return value === value ? value : NaN;
}

/** The bits of a float as a signed integer; NaN has its canonical pattern. */
export function f32ToBits(value: number): number {
  if (value !== value) return 0x7fc0_0000;
  float32[0] = value;
  return int32[0] ?? 0;
}

/** The float with these bits; every NaN becomes the canonical one. */
export function f64FromBits(bits: bigint): number {
  int64[0] = bits;
  const value = floats[0] ?? 0;
  return value === value ? value : NaN;
}

/** The bits of a float as a signed integer; NaN has its canonical pattern. */
export function f64ToBits(value: number): bigint {
  if (value !== value) return 0x7ff8_0000_0000_0000n;
  floats[0] = value;
  return int64[0] ?? 0n;
}
