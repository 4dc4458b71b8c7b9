import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { parseDuration } from "./duration.ts";
import { configFile, loadProfiles, saveProfiles } from "./profiles.ts";
import { openSession, serverOf } from "./session.ts";

const directory = mkdtempSync(join(tmpdir(), "emet-profiles-"));
const environment = { EMET_CONFIG_DIR: directory };
after(() => rmSync(directory, { recursive: true }));

describe("profiles", () => {
  it("are kept in the directory that the environment names", () => {
    assert.equal(configFile(environment), join(directory, "config.json"));
    assert.equal(configFile({ XDG_CONFIG_HOME: "/x" }), "/x/emet/config.json");
    assert.deepEqual(loadProfiles(environment), { profiles: {} });
  });

  it("say which server is meant, after what is more explicit", () => {
    const profile = (url: string) => ({ type: "Golem", url }) as const;
    saveProfiles(environment, { profiles: { a: profile("http://a"), b: profile("http://b") }, active_profile: "a" });
    const url = (options: object, more: object = {}): string => serverOf(options, { ...environment, ...more }).url;
    assert.equal(url({}), "http://a");
    assert.equal(url({}, { EMET_URL: "http://e" }), "http://e");
    assert.equal(url({}, { EMET_PROFILE: "b" }), "http://b");
    assert.equal(url({ profile: "b" }, { EMET_URL: "http://e" }), "http://b");
    assert.equal(url({ profile: "b", url: "https://u" }), "https://u");
    assert.throws(() => url({ profile: "c" }), /no profile "c"; there are a, b/u);
    assert.throws(() => url({ url: "localhost:9881" }), /must begin with http/u);
    assert.equal(
      serverOf({}, { EMET_CONFIG_DIR: "/nowhere", EMET_PORT: "7", EMET_HOST: "0.0.0.0" }).url,
      "http://127.0.0.1:7",
    );
  });

  it("say how results are printed", () => {
    const profiles = { a: { type: "Golem", url: "http://a", config: { default_format: "yaml" } } } as const;
    saveProfiles(environment, { profiles, active_profile: "a" });
    assert.equal(openSession({}, environment).out.format, "yaml");
    assert.equal(openSession({ json: true }, environment).out.format, "json");
    assert.throws(() => openSession({ json: true, yaml: true }, environment), /only one/u);
    assert.throws(() => openSession({ format: "xml" }, environment), /no format "xml"/u);
  });

  it("are said to be unreadable when they are", () => {
    writeFileSync(configFile(environment), "{");
    assert.throws(() => loadProfiles(environment), /it isn't JSON/u);
  });
});

describe("parseDuration()", () => {
  it("adds up units", () => {
    assert.deepEqual(
      ["90s", "1h30m", "2d", "5ms", "1m 30s"].map(parseDuration),
      [90_000, 5_400_000, 172_800_000, 5, 90_000],
    );
    for (const text of ["", "5", "s", "1y", "-5s"]) assert.throws(() => parseDuration(text), /not a duration/u);
  });
});
