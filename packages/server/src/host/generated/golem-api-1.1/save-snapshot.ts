/** Made of packages/sdk/wit/golem-api-1.1/save-snapshot.wit by tools/generate-host-types.ts. */
/** golem:api/save-snapshot@1.1.7 */
export interface GolemApiSaveSnapshot {
  readonly name: "golem:api/save-snapshot@1.1.7";
  readonly functions: { readonly save: () => Uint8Array };
  readonly resources: never;
}
