import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commandFlag, environmentVariable, resolveSettings, settings, toSettings } from "./settings.ts";
import type { SettingName, SettingSources } from "./settings.ts";

const none: SettingSources = { flags: {}, environment: {}, file: {} };

describe("resolveSettings()", () => {
  it("takes a flag before the environment, that before the file, and else the default", () => {
    const sources: SettingSources = {
      flags: { port: "1" },
      environment: { EMET_PORT: "2", EMET_DATA_DIR: "/env" },
      file: { port: 3, dataDir: "/file", executors: 4 },
    };
    const resolved = resolveSettings(sources);
    const of = (name: SettingName): unknown => {
      const found = resolved.find((item) => item.name === name);
      return [found?.value, found?.source];
    };
    assert.deepEqual(of("port"), [1, "--port"]);
    assert.deepEqual(of("dataDir"), ["/env", "EMET_DATA_DIR"]);
    assert.deepEqual(of("executors"), [4, "configuration file"]);
    assert.deepEqual(of("host"), ["127.0.0.1", "default"]);
    assert.equal(toSettings(resolved).port, 1);
  });

  it("says which value of which source is wrong", () => {
    const wrong: readonly (readonly [sources: Partial<SettingSources>, message: RegExp])[] = [
      [{ flags: { port: "65536" } }, /cannot use --port = 65536: expected a whole number from 0 to 65535/u],
      [{ environment: { EMET_EXECUTORS: "0" } }, /EMET_EXECUTORS = 0/u],
      [{ environment: { EMET_EXECUTORS: "" } }, /EMET_EXECUTORS/u],
      [{ environment: { EMET_CLEAN: "yes" } }, /expected true or false/u],
      [{ file: { executors: 1.5 } }, /configuration file/u],
      [{ file: { prot: 1 } }, /unknown setting "prot"/u],
      [{ file: { constructor: 1 } }, /unknown setting "constructor"/u],
    ];
    for (const [sources, message] of wrong) {
      assert.throws(() => resolveSettings({ ...none, ...sources }), { name: "SettingError", message });
    }
  });

  it("has a default that is valid, a flag and a variable for every setting", () => {
    const names = Object.keys(settings) as SettingName[];
    const environment = Object.fromEntries(
      resolveSettings(none).map(({ name, value }) => [environmentVariable(name), String(value)]),
    );
    assert.deepEqual(
      resolveSettings({ ...none, environment }).map(({ name }) => name),
      names,
    );
    assert.equal(new Set(names.map(commandFlag)).size, names.length);
  });
});
