import * as host from "golem:api/host@1.1.7";
import { getDirectories } from "wasi:filesystem/preopens@0.2.0";

const readWrite = { read: true, write: true };
const noChange = { tag: "no-change" };

function root() {
  const [[descriptor]] = getDirectories();
  return descriptor;
}

const relative = (path) => path.replace(/^\//, "");
const open = (path, how, flags, follow = true) => root().openAt({ symlinkFollow: follow }, path, how, flags);

function refusal(what, change) {
  try {
    change();
    return `${what}: done`;
  } catch (error) {
    return `${what}: ${error.payload ?? error}`;
  }
}

export function refusals() {
  const directory = root();
  const file = open("ro/a", {}, { read: true });
  try {
    directory.symlinkAt("ro/a", "link");
  } catch {
    // An earlier call has made it.
  }
  const flags = Object.entries(file.getFlags());
  return [
    refusal("open to write", () => open("ro/a", {}, readWrite)),
    refusal("truncate", () => open("ro/a", { truncate: true }, { read: true })),
    refusal("create and truncate", () => open("ro/a", { create: true, truncate: true }, readWrite)),
    refusal("unlink", () => directory.unlinkFileAt("ro/a")),
    refusal("rename", () => directory.renameAt("ro/a", directory, "elsewhere")),
    refusal("replace", () => directory.renameAt("rw/a", directory, "ro/a")),
    refusal("rename directory", () => directory.renameAt("ro", directory, "elsewhere")),
    refusal("link", () => directory.linkAt({}, "ro/a", directory, "linked")),
    refusal("set times", () => directory.setTimesAt({}, "ro/a", noChange, { tag: "now" })),
    refusal("write through link", () => open("link", {}, readWrite)),
    `flags: ${flags.flatMap(([name, set]) => (set ? [name] : [])).join()}`,
    new TextDecoder().decode(file.read(100n, 0n)[0]),
  ];
}

export function append(path, text) {
  const file = open(relative(path), { create: true }, readWrite);
  const { size } = file.stat();
  file.write(new TextEncoder().encode(text), size);
  return new TextDecoder().decode(file.read(1000n, 0n)[0]);
}

let loads = 0;
let found = "";

export const saveSnapshot = {
  save: () => {
    append("saved", "by save");
    return new Uint8Array([loads]);
  },
};

export const loadSnapshot = {
  load: ([before]) => {
    loads = before + 1;
    found = append("saved", "");
  },
};

export function loaded() {
  return `${loads} ${found}`;
}

export function update(workerName, version) {
  const { componentId } = host.getSelfMetadata().workerId;
  host.updateWorker({ componentId, workerName }, version, "automatic");
}
