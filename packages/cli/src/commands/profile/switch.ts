import { defineCommand } from "../../command.ts";
import { loadProfiles, profileNamed, saveProfiles } from "../../profiles.ts";

export const command = defineCommand({
  summary: "use another profile from now on",
  arguments: { name: { summary: "of the profile", completes: "profile" } },
  options: {},
  examples: [{ line: "emet profile switch staging", summary: "Commands go to this server." }],
  run: async ({ args, session: { out } }) => {
    const saved = loadProfiles(process.env);
    const { url } = profileNamed(saved, args.name);
    saveProfiles(process.env, { ...saved, active_profile: args.name });
    out.note(`Using ${args.name}: ${url}`);
    await out.result({}, () => "");
  },
});
