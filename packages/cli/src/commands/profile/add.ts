import { defineCommand } from "../../command.ts";
import { usageError } from "../../failure.ts";
import { loadProfiles, saveProfiles } from "../../profiles.ts";
import type { Profile } from "../../profiles.ts";

export const command = defineCommand({
  summary: "add a server under a name",
  details:
    "Profiles are kept in $EMET_CONFIG_DIR/config.json, or emet/config.json in the user's configuration directory.",
  arguments: { name: { summary: "of the profile" }, address: { summary: "the server's: http://localhost:9881" } },
  options: {
    workerUrl: { kind: "text", value: "url", summary: "the address of workers, if it is another" },
    allowInsecure: { kind: "flag", summary: "don't verify certificates" },
    defaultFormat: {
      kind: "text",
      value: "format",
      choices: ["text", "json", "yaml"],
      summary: "how to print results",
    },
    defaultComponent: { kind: "text", value: "component", summary: "the component of workers that are named alone" },
    setActive: { kind: "flag", short: "s", summary: "use it from now on" },
  },
  examples: [
    { line: "emet profile add staging https://emet.example.com --set-active", summary: "Use this server from now on." },
  ],
  run: async ({ args: { name, address }, options, session: { out } }) => {
    const saved = loadProfiles(process.env);
    if (!/^[\w.-]+$/u.test(name)) throw usageError(`"${name}" can't be a profile's name`);
    if (!/^https?:\/\//u.test(address) || !URL.canParse(address)) {
      throw usageError(`"${address}" is not the address of a server: it must begin with http:// or https://`);
    }
    const { workerUrl, allowInsecure, defaultFormat, defaultComponent } = options;
    const profile: Profile = {
      type: "Golem",
      url: address,
      ...(workerUrl === undefined ? {} : { worker_url: workerUrl }),
      ...(allowInsecure ? { allow_insecure: true } : {}),
      ...(defaultComponent === undefined ? {} : { default_component: defaultComponent }),
      ...(defaultFormat === undefined ? {} : { config: { default_format: defaultFormat } }),
    };
    const isFirst = Object.keys(saved.profiles).length === 0;
    saveProfiles(process.env, {
      ...saved,
      profiles: { ...saved.profiles, [name]: profile },
      ...(options.setActive || isFirst ? { active_profile: name } : {}),
    });
    out.note(`Added the profile ${name}`);
    await out.result({ name, ...profile }, () => "");
  },
});
