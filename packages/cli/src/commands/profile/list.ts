import { defineCommand } from "../../command.ts";
import { loadProfiles } from "../../profiles.ts";

export const command = defineCommand({
  summary: "show all profiles",
  arguments: {},
  options: {},
  examples: [{ line: "emet profile list", summary: "The active one is marked." }],
  run: async ({ session: { out } }) => {
    const { profiles, active_profile: active } = loadProfiles(process.env);
    const list = Object.entries(profiles).map(([name, profile]) => ({ name, active: name === active, ...profile }));
    await out.result(list, () =>
      list.map((item) => `${item.active ? " *" : "  "} ${item.name}  ${item.url}`).join("\n"),
    );
  },
});
