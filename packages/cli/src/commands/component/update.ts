import { defineCommand } from "../../command.ts";
import { findComponent } from "../../references.ts";
import { upload, uploadOptions } from "../../uploads.ts";
import { componentData, componentText } from "../../views.ts";

export const command = defineCommand({
  summary: "upload a new version of a component",
  details: 'Workers go on with the version that they run; "emet worker update" brings them to the new one.',
  arguments: {
    component: { summary: "name, id or URN", completes: "component" },
    file: { summary: "the component's binary; - is standard input", completes: "file" },
  },
  options: uploadOptions,
  examples: [{ line: "emet component update cart cart.wasm", summary: "Make the next version of the component cart." }],
  run: async ({ args, options, session }) => {
    const { componentId } = (await findComponent(session, args.component)).versionedComponentId;
    const component = await upload(args.file, options, (content) =>
      session.emet.components.update(componentId, content),
    );
    await session.out.result(componentData(component), () => componentText(component));
  },
});
