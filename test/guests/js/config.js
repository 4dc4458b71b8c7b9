import { display, utcOffset } from "wasi:clocks/timezone@0.2.0";
import { get, getAll } from "wasi:config/store@0.2.0-draft";

const seen = [];

export function settings() {
  const all = getAll();
  seen.push(JSON.stringify(all));
  return all;
}

export function setting(key) {
  return get(key);
}

export function zone(seconds) {
  const when = { seconds, nanoseconds: 0 };
  const { name, inDaylightSavingTime } = display(when);
  seen.push(name);
  return [name, utcOffset(when), inDaylightSavingTime];
}

export function observe() {
  return seen;
}
