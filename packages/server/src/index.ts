export {
  commandFlag,
  environmentVariable,
  resolveSettings,
  SettingError,
  settings,
  toSettings,
} from "./config/settings.ts";
export type { ResolvedSetting, SettingName, Settings } from "./config/settings.ts";
export { startServer } from "./server.ts";
export type { RunningServer, ServerOptions } from "./server.ts";
export { version } from "./version.ts";
