import * as environment from "wasi:cli/environment@0.2.0";
import { exit, exitWithCode } from "wasi:cli/exit@0.2.0";
import { getStdin } from "wasi:cli/stdin@0.2.0";
import { getStdout } from "wasi:cli/stdout@0.2.0";
import { getStderr } from "wasi:cli/stderr@0.2.0";
import { getTerminalStdin } from "wasi:cli/terminal-stdin@0.2.0";
import { getTerminalStdout } from "wasi:cli/terminal-stdout@0.2.0";
import { getTerminalStderr } from "wasi:cli/terminal-stderr@0.2.0";
import { subscribeDuration } from "wasi:clocks/monotonic-clock@0.2.0";
import { log } from "wasi:logging/logging";
import { getRandomBytes, getRandomU64 } from "wasi:random/random@0.2.0";
import { getInsecureRandomBytes, getInsecureRandomU64 } from "wasi:random/insecure@0.2.0";
import { insecureSeed } from "wasi:random/insecure-seed@0.2.0";

const drawn = [];

/** Gives a crash its chance. */
function pause() {
  subscribeDuration(5_000_000n).block();
}

export function draw() {
  for (const length of [0n, 1n, 1000n]) {
    drawn.push(getRandomBytes(length).join(), getInsecureRandomBytes(length).join());
    pause();
  }
  drawn.push(String(getRandomU64()), String(getInsecureRandomU64()), insecureSeed().join());
  return new Set(drawn.slice(2)).size === 7;
}

export function look() {
  const input = getStdin();
  let end = "open";
  try {
    input.blockingRead(10n);
  } catch (error) {
    end = error.payload.tag;
  }
  const names = environment.getEnvironment().map(([name]) => name);
  const terminals = [getTerminalStdin(), getTerminalStdout(), getTerminalStderr()];
  pause();
  return [
    names.join(),
    environment.getArguments().join(),
    String(environment.initialCwd()),
    terminals.filter((terminal) => terminal !== undefined).length.toString(),
    end,
  ];
}

export function speak(times) {
  const said = [];
  for (let time = 1; time <= times; time++) {
    getStdout().blockingWriteAndFlush(new TextEncoder().encode(`out ${time}\n`));
    pause();
    getStderr().blockingWriteAndFlush(new TextEncoder().encode(`err ${time}\n`));
    log("info", "speech", `log ${time}`);
    said.push(`said ${time}`);
  }
  return said;
}

export function leave(code) {
  pause();
  if (code === undefined) exit({ tag: "ok" });
  else exitWithCode(code);
  return false;
}

export function observe() {
  return drawn;
}
