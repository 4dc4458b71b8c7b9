import { EmetError } from "@emet/contract/client";
import { defineCommand } from "../../command.ts";
import { CommandError } from "../../failure.ts";
import { findComponent } from "../../references.ts";

export const command = defineCommand({
  summary: "delete a component, or one version of it",
  details: "A version that workers run or ran stays, and so does a component that has workers, unless they go too.",
  arguments: { component: { summary: "name, id or URN", completes: "component" } },
  options: {
    version: { kind: "integer", short: "t", value: "version", summary: "only this version" },
    deleteWorkers: { kind: "flag", summary: "delete its workers, too" },
  },
  examples: [
    { line: "emet component delete cart --delete-workers", summary: "The component and all of its workers." },
    { line: "emet component delete cart -t 0", summary: "A version that no worker needs." },
  ],
  run: async ({ args, options: { version, deleteWorkers }, session }) => {
    const { emet, out } = session;
    const { componentName, versionedComponentId } = await findComponent(session, args.component, version);
    const { componentId } = versionedComponentId;
    if (version === undefined) {
      await emet.components.delete(componentId, { deleteWorkers }).catch((error: unknown) => {
        if (!(error instanceof EmetError) || error.code !== "conflict") throw error;
        throw new CommandError(`${error.message}\n--delete-workers deletes them, too`);
      });
    } else await emet.components.deleteVersion(componentId, version);
    await out.result({}, () => "");
    out.note(version === undefined ? `Deleted ${componentName}` : `Deleted version ${version} of ${componentName}`);
  },
});
