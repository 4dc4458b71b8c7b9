import { defineCommand } from "../../command.ts";
import { loadProfiles, profileNamed, saveProfiles } from "../../profiles.ts";

export const command = defineCommand({
  summary: "remove a profile",
  arguments: { name: { summary: "of the profile", completes: "profile" } },
  options: {},
  examples: [{ line: "emet profile delete staging", summary: "Nothing happens to the server." }],
  run: async ({ args, session: { out } }) => {
    const { active_profile: active, ...saved } = loadProfiles(process.env);
    profileNamed(saved, args.name);
    const { [args.name]: _removed, ...profiles } = saved.profiles;
    const stays = active === undefined || active === args.name ? {} : { active_profile: active };
    saveProfiles(process.env, { ...saved, profiles, ...stays });
    out.note(`Removed the profile ${args.name}`);
    await out.result({}, () => "");
  },
});
