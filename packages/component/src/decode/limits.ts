/**
 * Limits of the decoder. Every count in a binary is also bounded by the bytes that are left, so these only stop what
 * a small binary can express: deep nesting, and types that grow exponentially because they are shared.
 */
export const limits = {
  /** Components within components, and component or instance types within each other. */
  nestingDepth: 100,
  /** Value types within value types. */
  typeDepth: 100,
  /** Nodes of one value or function type when written out as a tree. */
  valueTypeSize: 100_000,
  /** Nodes of one component or instance type when written out as a tree. */
  typeSize: 100_000,
  /** Steps of substitution, comparison and copying of types in one binary. Large real components take 10,000. */
  work: 2_000_000,
  /** Length of an import or export name, or of a label, in bytes. */
  nameBytes: 100_000,
  flags: 32,
} as const;
