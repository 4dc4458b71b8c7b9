/** Made of packages/sdk/wit/wasi-clocks/timezone.wit by tools/generate-host-types.ts. */
export type Datetime = { readonly seconds: bigint; readonly nanoseconds: number };

export type TimezoneDisplay = {
  readonly utcOffset: number;
  readonly name: string;
  readonly inDaylightSavingTime: boolean;
};

/** wasi:clocks/timezone@0.2.0 */
export interface WasiClocksTimezone {
  readonly name: "wasi:clocks/timezone@0.2.0";
  readonly functions: {
    readonly display: (when: Datetime) => TimezoneDisplay;
    readonly "utc-offset": (when: Datetime) => number;
  };
  readonly resources: never;
}
