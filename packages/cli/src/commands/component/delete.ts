import { EmetError } from "@emet/contract/client";
import { defineCommand } from "../../command.ts";
import { CommandError, usageError } from "../../failure.ts";
import { findComponent } from "../../references.ts";

export const command = defineCommand({
  summary: "delete a component with all of its versions, or one of them",
  details:
    "A component that has workers stays, unless they go too. A version stays while it is the latest one, or a worker runs it or " +
    "has it in its history.",
  arguments: { component: { summary: "name, id or URN", completes: "component" } },
  options: {
    targetVersion: { kind: "integer", short: "t", value: "version", summary: "only this version" },
    deleteWorkers: { kind: "flag", summary: "delete its workers, too" },
  },
  examples: [
    { line: "emet component delete cart --delete-workers", summary: "The component and all of its workers." },
    { line: "emet component delete cart -t 0", summary: "One version that is not needed any more." },
  ],
  run: async ({ args, options: { deleteWorkers, targetVersion }, session }) => {
    if (deleteWorkers && targetVersion !== undefined) {
      throw usageError("--delete-workers is for the whole component, not for one version");
    }
    const { emet, out } = session;
    const { componentName, versionedComponentId } = await findComponent(session, args.component);
    if (targetVersion !== undefined) {
      await emet.components.deleteVersion(versionedComponentId.componentId, targetVersion);
      out.note(`Deleted version ${targetVersion} of ${componentName}`);
      await out.result({}, () => "");
      return;
    }
    await emet.components.delete(versionedComponentId.componentId, { deleteWorkers }).catch((error: unknown) => {
      if (!(error instanceof EmetError) || error.code !== "conflict") throw error;
      throw new CommandError(`${error.message}\n--delete-workers deletes them, too`);
    });
    out.note(`Deleted ${componentName}`);
    await out.result({}, () => "");
  },
});
