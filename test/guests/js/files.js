import { subscribeDuration } from "wasi:clocks/monotonic-clock@0.2.0";
import { getDirectories } from "wasi:filesystem/preopens@0.2.0";
import { filesystemErrorCode } from "wasi:filesystem/types@0.2.0";

const readWrite = { read: true, write: true };
const create = { create: true };
const text = new TextDecoder();
const bytes = (written) => new TextEncoder().encode(written);

/** Gives a crash its chance. */
function pause() {
  subscribeDuration(3_000_000n).block();
}

function root() {
  const [[descriptor]] = getDirectories();
  return descriptor;
}

function open(path, how = create, flags = readWrite) {
  pause();
  return root().openAt({}, path, how, flags);
}

function write(path, written) {
  const file = open(path);
  file.write(bytes(written), 0n);
  return file;
}

function read(file) {
  const [content, end] = file.read(1000n, 0n);
  return text.decode(content) + (end ? "" : "…");
}

function names(directory) {
  const stream = directory.readDirectory();
  const found = [];
  for (let entry = stream.readDirectoryEntry(); entry !== undefined; entry = stream.readDirectoryEntry()) {
    found.push(`${entry.name} ${entry.type}`);
  }
  return found.sort();
}

/** The error code of what fails. */
function refused(action) {
  try {
    return `done: ${action()}`;
  } catch (error) {
    return String(error.payload?.tag ?? error.payload ?? error);
  }
}

export function tree() {
  const top = root();
  top.createDirectoryAt("a");
  top.createDirectoryAt("a/b");
  write("a/file", "first");
  pause();
  top.symlinkAt("file", "a/link");
  top.linkAt({}, "a/file", top, "a/b/hard");
  const seen = [names(top.openAt({}, "a", { directory: true }, { read: true })).join(), top.readlinkAt("a/link")];
  const file = open("a/file");
  seen.push(`same ${file.isSameObject(open("a/b/hard"))} ${file.isSameObject(top)}`);
  seen.push(read(top.openAt({ symlinkFollow: true }, "a/link", {}, { read: true })));
  pause();
  top.renameAt("a/file", top, "a/b/moved");
  top.unlinkFileAt("a/link");
  top.createDirectoryAt("gone");
  pause();
  top.removeDirectoryAt("gone");
  seen.push(names(top).join(), names(top.openAt({}, "a/b", { directory: true }, { read: true })).join());
  return seen;
}

export function content() {
  const file = write("content", "hello world");
  const seen = [read(file)];
  file.setSize(5n);
  pause();
  seen.push(read(file));
  file.setSize(7n);
  seen.push(read(file).replaceAll("\0", "0"));
  const appending = file.appendViaStream();
  appending.blockingWriteAndFlush(bytes("!"));
  pause();
  const writing = file.writeViaStream(1n);
  writing.blockingWriteAndFlush(bytes("E"));
  seen.push(read(file).replaceAll("\0", "0"));
  const reading = file.readViaStream(2n);
  seen.push(text.decode(reading.blockingRead(2n)), String(reading.skip(1n)));
  file.sync();
  file.syncData();
  file.advise(0n, 8n, "sequential");
  return seen;
}

export function facts() {
  const top = root();
  const file = write("facts", "12345");
  const times = { tag: "timestamp", val: { seconds: 1000n, nanoseconds: 5 } };
  file.setTimes(times, { tag: "no-change" });
  const seen = [];
  const stat = file.stat();
  const { seconds, nanoseconds } = stat.dataAccessTimestamp;
  seen.push(`${stat.type} ${stat.size} ${stat.linkCount} ${seconds}.${nanoseconds}`);
  top.setTimesAt({}, "facts", { tag: "now" }, times);
  pause();
  const modified = top.statAt({}, "facts").dataModificationTimestamp;
  seen.push(`${modified.seconds}.${modified.nanoseconds}`);
  const hash = file.metadataHash();
  const same = top.metadataHashAt({}, "facts");
  seen.push(`${hash.lower === same.lower && hash.upper === same.upper}`);
  pause();
  file.write(bytes("6"), 5n);
  seen.push(`${file.metadataHash().upper === hash.upper}`);
  const flags = file.getFlags();
  seen.push(`${flags.read} ${flags.write} ${flags.mutateDirectory}`, file.getType(), top.getType());
  return seen;
}

export function streams() {
  const source = write("source", "abcdefghij");
  const target = open("target");
  const input = source.readViaStream(0n);
  const output = target.writeViaStream(0n);
  output.subscribe().block();
  const seen = [`${output.checkWrite() > 0n}`, `${output.splice(input, 3n)}`];
  pause();
  seen.push(`${output.blockingSplice(input, 2n)}`);
  output.write(bytes("XY"));
  output.flush();
  output.blockingFlush();
  output.writeZeroes(1n);
  output.blockingWriteZeroesAndFlush(2n);
  pause();
  input.subscribe().block();
  seen.push(`${input.blockingSkip(1n)}`, text.decode(input.read(10n)));
  seen.push(
    refused(() => input.read(1n)),
    read(target).replaceAll("\0", "0"),
  );
  return seen;
}

export function refusals() {
  const top = root();
  write("file", "x");
  top.createDirectoryAt("directory");
  pause();
  const seen = [
    refused(() => top.openAt({}, "nowhere", {}, { read: true })),
    refused(() => top.openAt({}, "file", { create: true, exclusive: true }, readWrite)),
    refused(() => top.openAt({}, "../outside", {}, { read: true })),
    refused(() => top.openAt({}, "file/below", {}, { read: true })),
    refused(() => top.createDirectoryAt("directory")),
    refused(() => top.unlinkFileAt("directory")),
    refused(() => top.removeDirectoryAt("file")),
    refused(() => top.readlinkAt("file")),
    refused(() => top.openAt({}, "file", {}, { read: true }).write(bytes("y"), 0n)),
    refused(() => open("file").setSize(1n << 60n)),
  ];
  pause();
  const stream = open("file").writeViaStream(1n << 50n);
  try {
    stream.blockingWriteAndFlush(bytes("far"));
  } catch (error) {
    const failure = error.payload.val;
    seen.push(`${filesystemErrorCode(failure)} ${failure.toDebugString().length > 0}`);
  }
  return seen;
}

function everything(path) {
  const directory = root().openAt({}, path, { directory: true }, { read: true });
  return names(directory).flatMap((entry) => {
    const [name, type] = entry.split(" ");
    const whole = `${path}/${name}`;
    const { dataModificationTimestamp: time, size } = root().statAt({}, whole);
    const own = `${whole} ${type} ${size} ${time.seconds}.${time.nanoseconds}`;
    if (type === "directory") return [own, ...everything(whole)];
    if (type === "regular-file") return [own, read(root().openAt({}, whole, {}, { read: true }))];
    return [own];
  });
}

export function observe() {
  return everything(".");
}
