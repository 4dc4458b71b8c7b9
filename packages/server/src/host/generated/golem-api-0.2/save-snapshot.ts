/** Made of packages/sdk/wit/golem-api-0.2/save-snapshot.wit by tools/generate-host-types.ts. */
/** golem:api/save-snapshot@0.2.0 */
export interface GolemApiSaveSnapshot {
  readonly name: "golem:api/save-snapshot@0.2.0";
  readonly functions: { readonly save: () => Uint8Array };
  readonly resources: never;
}
