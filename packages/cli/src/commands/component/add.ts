import { EmetError } from "@emet/contract/client";
import { defineCommand } from "../../command.ts";
import { CommandError } from "../../failure.ts";
import { upload, uploadOptions } from "../../uploads.ts";
import { componentData, componentText } from "../../views.ts";

export const command = defineCommand({
  summary: "upload a new component",
  arguments: {
    name: { summary: "what it will be called" },
    file: { summary: "the component's binary; - is standard input", completes: "file" },
  },
  options: uploadOptions,
  examples: [
    { line: "emet component add cart cart.wasm", summary: "Upload version 0 of the component cart." },
    {
      line: "emet component add site site.wasm --files site.zip --read-write /data/visits.txt",
      summary: "Its workers begin with the files of an archive, and may change one of them.",
    },
  ],
  run: async ({ args: { name, file }, options, session: { emet, out } }) => {
    const component = await upload(file, options, (content) => emet.components.create(name, content)).catch(
      (error: unknown) => {
        if (!(error instanceof EmetError) || error.code !== "conflict") throw error;
        throw new CommandError(
          `${error.message}\nA new version of it is made by "emet component update ${name} ${file}"`,
        );
      },
    );
    await out.result(componentData(component), () => componentText(component));
  },
});
