import { defineCommand } from "../../command.ts";
import { CommandError, exitCodes } from "../../failure.ts";
import { fields } from "../../output/text.ts";
import { loadProfiles, profileNamed } from "../../profiles.ts";

export const command = defineCommand({
  summary: "show a profile",
  arguments: { name: { summary: "of the profile (default: the active one)", optional: true, completes: "profile" } },
  options: {},
  examples: [{ line: "emet profile get staging", summary: "Its address and its defaults." }],
  run: async ({ args, session: { out } }) => {
    const saved = loadProfiles(process.env);
    const name = args.name ?? saved.active_profile;
    if (name === undefined) throw new CommandError("no profile is active", exitCodes.notFound);
    const profile = profileNamed(saved, name);
    await out.result({ name, ...profile }, () =>
      fields([
        ["Profile", name],
        ["URL", profile.url],
        ["Worker URL", profile.worker_url],
        ["Certificates", profile.allow_insecure === true ? "not verified" : undefined],
        ["Default component", profile.default_component],
        ["Default format", profile.config?.default_format],
      ]),
    );
  },
});
