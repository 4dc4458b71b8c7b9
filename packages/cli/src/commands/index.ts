/** Every command by noun and verb. They are loaded when they are called: most runs need one of them. */
import type { Command } from "commander";
import type { AnyCommand } from "../command.ts";

export interface CommandModule {
  readonly command: AnyCommand;
  /** Adds options that come from elsewhere, and runs the command by itself: it calls no server. */
  readonly configure?: (command: Command) => void;
}

type Loader = () => Promise<CommandModule>;

export interface Noun {
  readonly summary: string;
  readonly commands: { readonly [verb: string]: Loader };
  /** Other words for verbs. */
  readonly aliases?: { readonly [alias: string]: string };
}

export const nouns: { readonly [noun: string]: Noun } = {
  component: {
    summary: "components and their versions",
    aliases: { create: "add" },
    commands: {
      build: () => import("./component/build.ts"),
      add: () => import("./component/add.ts"),
      update: () => import("./component/update.ts"),
      list: () => import("./component/list.ts"),
      get: () => import("./component/get.ts"),
      download: () => import("./component/download.ts"),
      client: () => import("./component/client.ts"),
      delete: () => import("./component/delete.ts"),
    },
  },
  worker: {
    summary: "workers: create, call, watch, change",
    aliases: { create: "new", add: "new", stream: "connect" },
    commands: {
      new: () => import("./worker/new.ts"),
      list: () => import("./worker/list.ts"),
      get: () => import("./worker/get.ts"),
      invoke: () => import("./worker/invoke.ts"),
      "cancel-invocation": () => import("./worker/cancel-invocation.ts"),
      connect: () => import("./worker/connect.ts"),
      interrupt: () => import("./worker/interrupt.ts"),
      resume: () => import("./worker/resume.ts"),
      "simulate-crash": () => import("./worker/simulate-crash.ts"),
      update: () => import("./worker/update.ts"),
      revert: () => import("./worker/revert.ts"),
      fork: () => import("./worker/fork.ts"),
      "activate-plugin": () => import("./worker/activate-plugin.ts"),
      "deactivate-plugin": () => import("./worker/deactivate-plugin.ts"),
      "idempotency-key": () => import("./worker/idempotency-key.ts"),
      delete: () => import("./worker/delete.ts"),
    },
  },
  oplog: {
    summary: "what workers did",
    commands: {
      get: () => import("./oplog/get.ts"),
      search: () => import("./oplog/search.ts"),
    },
  },
  file: {
    summary: "files of workers",
    commands: {
      list: () => import("./file/list.ts"),
      get: () => import("./file/get.ts"),
      cat: () => import("./file/cat.ts"),
    },
  },
  plugin: {
    summary: "plugins, and their installations in components",
    commands: {
      list: () => import("./plugin/list.ts"),
      get: () => import("./plugin/get.ts"),
      register: () => import("./plugin/register.ts"),
      unregister: () => import("./plugin/unregister.ts"),
      install: () => import("./plugin/install.ts"),
      installations: () => import("./plugin/installations.ts"),
      update: () => import("./plugin/update.ts"),
      uninstall: () => import("./plugin/uninstall.ts"),
    },
  },
  promise: {
    summary: "promises that workers wait for",
    commands: {
      list: () => import("./promise/list.ts"),
      complete: () => import("./promise/complete.ts"),
    },
  },
  schedule: {
    summary: "calls of workers at a later time",
    commands: {
      list: () => import("./schedule/list.ts"),
      add: () => import("./schedule/add.ts"),
      cancel: () => import("./schedule/cancel.ts"),
    },
  },
  route: {
    summary: "routes of custom HTTP APIs",
    commands: {
      list: () => import("./route/list.ts"),
      add: () => import("./route/add.ts"),
      remove: () => import("./route/remove.ts"),
    },
  },
  profile: {
    summary: "servers by name",
    commands: {
      list: () => import("./profile/list.ts"),
      add: () => import("./profile/add.ts"),
      get: () => import("./profile/get.ts"),
      switch: () => import("./profile/switch.ts"),
      delete: () => import("./profile/delete.ts"),
    },
  },
};

interface Standalone {
  readonly summary: string;
  readonly load: Loader;
  readonly hidden?: true;
}

/** Commands without a noun. */
export const commands: { readonly [name: string]: Standalone } = {
  start: { summary: "start the server", load: () => import("./start.ts") },
  config: {
    summary: "show the server's settings, their values and where those come from",
    load: () => import("./config.ts"),
  },
  completion: { summary: "print a script that completes commands in a shell", load: () => import("./completion.ts") },
  __complete: { summary: "complete a word", load: () => import("./complete.ts"), hidden: true },
};
