/** The endpoints that the specification lists (spec/service.md §1.1, §2.1, §3.1), and those that there aren't. */
import type { OperationName } from "./document.ts";

const component = "/v1/components/{component_id}";
const worker = `${component}/workers/{worker_name}`;

export const endpoints: readonly OperationName[] = [
  "get /healthcheck",
  "get /version",
  "get /metrics",

  "post /v1/components",
  "get /v1/components",
  `get ${component}`,
  `get ${component}/latest`,
  `get ${component}/versions/{version}`,
  `get ${component}/download`,
  `put ${component}/upload`,
  `post ${component}/updates`,
  `get ${component}/versions/{version}/file-contents/{file_key}`,
  `get ${component}/versions/{version}/plugins/installs`,
  `post ${component}/latest/plugins/installs`,
  `put ${component}/versions/latest/plugins/installs/{installation_id}`,
  `delete ${component}/latest/plugins/installs/{installation_id}`,
  "get /v1/plugins",
  "post /v1/plugins",
  "get /v1/plugins/{name}",
  "get /v1/plugins/{name}/{version}",
  "delete /v1/plugins/{name}/{version}",
  "post /v1/library-plugins",
  "post /v1/app-plugins",

  `post ${component}/workers`,
  `get ${component}/workers`,
  `post ${component}/workers/find`,
  `get ${worker}`,
  `delete ${worker}`,
  `post ${worker}/invoke-and-await`,
  `post ${component}/invoke-and-await`,
  `post ${worker}/invoke`,
  `post ${component}/invoke`,
  `post ${worker}/complete`,
  `post ${worker}/interrupt`,
  `post ${worker}/resume`,
  `post ${worker}/update`,
  `get ${worker}/oplog`,
  `get ${worker}/files/{path}`,
  `get ${worker}/file-contents/{path}`,
  `post ${worker}/activate-plugin`,
  `post ${worker}/deactivate-plugin`,
  `get ${worker}/connect`,
  `post ${worker}/revert`,
  `delete ${worker}/invocations/{idempotency_key}`,
];

/** With the reason. */
export const absent: { readonly [operation: OperationName]: string } = {
  "post /v1/library-plugins": "components are linked before they are uploaded: there is no plugin of this type yet",
  "post /v1/app-plugins": "components are linked before they are uploaded: there is no plugin of this type yet",
};
