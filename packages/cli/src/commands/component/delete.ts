import { EmetError } from "@emet/contract/client";
import { defineCommand } from "../../command.ts";
import { CommandError } from "../../failure.ts";
import { findComponent } from "../../references.ts";

export const command = defineCommand({
  summary: "delete a component with all of its versions",
  details: "A component that has workers stays, unless they go too.",
  arguments: { component: { summary: "name, id or URN", completes: "component" } },
  options: { deleteWorkers: { kind: "flag", summary: "delete its workers, too" } },
  examples: [{ line: "emet component delete cart --delete-workers", summary: "The component and all of its workers." }],
  run: async ({ args, options: { deleteWorkers }, session }) => {
    const { emet, out } = session;
    const { componentName, versionedComponentId } = await findComponent(session, args.component);
    await emet.components.delete(versionedComponentId.componentId, { deleteWorkers }).catch((error: unknown) => {
      if (!(error instanceof EmetError) || error.code !== "conflict") throw error;
      throw new CommandError(`${error.message}\n--delete-workers deletes them, too`);
    });
    out.note(`Deleted ${componentName}`);
    await out.result({}, () => "");
  },
});
