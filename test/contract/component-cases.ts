/** Components, their files and plugins (spec/service.md §2). */
import type { Cases } from "./cases.ts";

const component = "/v1/components/{component_id}";

export const componentCases: Cases = {
  "post /v1/components": [
    { it: "makes version 0", form: { name: "made", component: "$binary" }, has: { componentName: "made" } },
    {
      it: "takes a type and files",
      form: {
        name: "with files",
        component: "$binary",
        componentType: "Ephemeral",
        files: "$archive",
        filesPermissions: '{"values":[{"path":"/data/a.txt","permissions":"read-write"}]}',
      },
      has: { componentType: "Ephemeral" },
    },
    {
      it: "refuses a name that is taken",
      form: { name: "probe", component: "$binary" },
      status: 409,
      says: "already exists",
    },
    { it: "needs a name", form: { component: "$binary" }, status: 400, says: "name" },
    { it: "needs a binary", form: { name: "none" }, status: 400, says: "component" },
    { it: "needs a binary that is a file", form: { name: "none", component: "text" }, status: 400 },
    { it: "needs a component", form: { name: "none", component: "$archive" }, status: 400 },
    { it: "knows two types", form: { name: "none", component: "$binary", componentType: "Lasting" }, status: 400 },
    {
      it: "refuses permissions of files that aren't there",
      form: {
        name: "none",
        component: "$binary",
        files: "$archive",
        filesPermissions: '{"values":[{"path":"/no.txt","permissions":"read-only"}]}',
      },
      status: 400,
      says: "/no.txt",
    },
    {
      it: "refuses permissions that aren't JSON",
      form: { name: "none", component: "$binary", files: "$archive", filesPermissions: "read-only" },
      status: 400,
      says: "filesPermissions",
    },
    {
      it: "refuses links that aren't JSON",
      form: { name: "none", component: "$binary", dynamicLinking: "none" },
      status: 400,
      says: "dynamicLinking",
    },
    { it: "needs a form", json: { name: "none" }, status: 415 },
    {
      it: "needs a form that is one",
      bytes: "--x\r\nnothing",
      headers: { "content-type": "multipart/form-data; boundary=x" },
      status: 400,
    },
  ],
  "get /v1/components": [
    { it: "lists all" },
    { it: "lists those of a name", query: { "component-name": "probe" } },
    { it: "knows no component of another name", query: { "component-name": "nobody" }, body: [] },
  ],
  [`get ${component}`]: [{ it: "lists the versions" }],
  [`get ${component}/latest`]: [{ it: "gives the latest", has: { componentName: "probe" } }],
  [`get ${component}/versions/{version}`]: [
    { it: "gives one", has: { componentName: "probe", installedPlugins: [] } },
    { it: "knows no other", path: { version: 1000 }, status: 404 },
    { it: "reads all of a number", path: { version: "18446744073709551615" }, status: 404 },
    { it: "needs a number", path: { version: "latest" }, status: 400, says: "version" },
    { it: "needs a number that isn't negative", path: { version: "-1" }, status: 400, says: "version" },
  ],
  [`get ${component}/versions/{version}/file-contents/{file_key}`]: [
    { it: "gives the bytes", path: { file_key: "$file" } },
    { it: "knows no other file", path: { file_key: "unknown" }, status: 404 },
    { it: "knows no other version", path: { file_key: "$file", version: 1000 }, status: 404 },
  ],
  [`get ${component}/download`]: [
    { it: "gives the latest" },
    { it: "gives another", query: { version: "0" } },
    { it: "knows no other", query: { version: "1000" }, status: 404 },
    { it: "needs a number", query: { version: "x" }, status: 400, says: "version" },
  ],
  [`put ${component}/upload`]: [
    { it: "makes a version", path: { component_id: "$removable" }, bytes: "$binary" },
    {
      it: "changes the type",
      path: { component_id: "$removable" },
      query: { component_type: "Ephemeral" },
      bytes: "$binary",
      has: { componentType: "Ephemeral" },
    },
    { it: "knows two types", query: { component_type: "Lasting" }, bytes: "$binary", status: 400 },
    { it: "needs a component", bytes: "no component", status: 400 },
    { it: "needs a body", bytes: "", status: 400 },
    { it: "needs a component that there is", path: { component_id: "$unknown" }, bytes: "$binary", status: 404 },
  ],
  [`post ${component}/updates`]: [
    { it: "makes a version", path: { component_id: "$removable" }, form: { component: "$binary" } },
    { it: "needs a component", form: { component: "$archive" }, status: 400 },
    { it: "needs a binary", form: { componentType: "Durable" }, status: 400 },
    {
      it: "needs a component that there is",
      path: { component_id: "$unknown" },
      form: { component: "$binary" },
      status: 404,
    },
  ],
  [`delete ${component}/versions/{version}`]: [
    { it: "refuses the latest one", path: { version: "$latest" }, status: 409, says: "latest" },
    { it: "refuses one that a worker has", path: { version: 0 }, status: 409, says: "worker" },
    { it: "knows no other version", path: { version: 1000 }, status: 404 },
    { it: "deletes", path: { component_id: "$removable", version: 0 }, body: {} },
    { it: "deletes once", path: { component_id: "$removable", version: 0 }, status: 404 },
  ],
  [`delete ${component}`]: [
    { it: "refuses while there are workers", status: 409, says: "delete-workers" },
    { it: "refuses while a route leads to it", path: { component_id: "$handler" }, status: 409, says: "route" },
    { it: "knows true and false", query: { "delete-workers": "maybe" }, status: 400 },
    {
      it: "deletes",
      path: { component_id: "$removable" },
      query: { "delete-workers": "true" },
      body: {},
    },
    { it: "deletes once", path: { component_id: "$removable" }, status: 404 },
  ],
  [`get ${component}/versions/{version}/plugins/installs`]: [
    { it: "lists none", body: [] },
    { it: "lists those of a version", path: { version: "$latest" } },
    { it: "knows no other version", path: { version: 1000 }, status: 404 },
  ],
  [`post ${component}/latest/plugins/installs`]: [
    {
      it: "installs",
      path: { component_id: "$counters" },
      json: { name: "known-plugin", version: "1", priority: -1, parameters: { a: "b" } },
      has: { name: "known-plugin", version: "1", priority: -1, parameters: { a: "b" } },
    },
    {
      it: "needs a plugin that there is",
      json: { name: "unknown", version: "1", priority: 0, parameters: {} },
      status: 404,
    },
    { it: "needs all settings", json: { name: "known-plugin", version: "1" }, status: 400, says: "priority" },
    {
      it: "needs a priority of 32 bits",
      json: { name: "known-plugin", version: "1", priority: 2_147_483_648, parameters: {} },
      status: 400,
      says: "priority",
    },
    {
      it: "tells of a transformer that fails",
      json: { name: "failing-plugin", version: "1", priority: 0, parameters: {} },
      status: 500,
      says: "Component transformation failed",
    },
    {
      it: "needs a component that there is",
      path: { component_id: "$unknown" },
      json: { name: "known-plugin", version: "1", priority: 0, parameters: {} },
      status: 404,
    },
  ],
  [`put ${component}/versions/latest/plugins/installs/{installation_id}`]: [
    {
      it: "changes the settings",
      path: { installation_id: "$installation" },
      json: { priority: 5, parameters: { c: "d" } },
      body: {},
    },
    {
      it: "needs an installation that there is",
      path: { installation_id: "$unknown" },
      json: { priority: 5, parameters: {} },
      status: 404,
    },
    {
      it: "needs an id",
      path: { installation_id: "first" },
      json: { priority: 5, parameters: {} },
      status: 400,
      says: "installation",
    },
    { it: "needs a priority", path: { installation_id: "$installation" }, json: { parameters: {} }, status: 400 },
  ],
  [`delete ${component}/latest/plugins/installs/{installation_id}`]: [
    { it: "uninstalls", path: { installation_id: "$removable-installation" }, body: {} },
    { it: "uninstalls once", path: { installation_id: "$removable-installation" }, status: 404 },
    { it: "needs an id", path: { installation_id: "first" }, status: 400 },
  ],
};

const newPlugin = {
  name: "new",
  version: "1",
  description: "new",
  icon: [0, 255],
  homepage: "https://example.org",
  specs: { type: "ComponentTransformer", validateUrl: "http://localhost/", transformUrl: "http://localhost/" },
  scope: { type: "Global" },
};

export const pluginCases: Cases = {
  "get /v1/plugins": [
    { it: "lists all" },
    { it: "lists those for every component", query: { scope: "global" } },
    { it: "lists those for a component", query: { scope: "component:${component}" } },
    { it: "knows two scopes", query: { scope: "everywhere" }, status: 400, says: "scope" },
    { it: "needs the id of a component", query: { scope: "component:x" }, status: 400, says: "scope" },
  ],
  "post /v1/plugins": [
    { it: "registers", json: newPlugin, body: {} },
    { it: "registers once", json: newPlugin, status: 409, says: "already exists" },
    {
      it: "registers for one component",
      json: { ...newPlugin, version: "2", scope: { type: "Component", componentId: "$component" } },
      body: {},
    },
    {
      it: "needs a component that there is",
      json: { ...newPlugin, version: "3", scope: { type: "Component", componentId: "$unknown" } },
      status: 400,
      says: "scope",
    },
    {
      it: "needs a processor that is one",
      json: {
        ...newPlugin,
        version: "3",
        specs: { type: "OplogProcessor", componentId: "$component", componentVersion: 0 },
      },
      status: 400,
      says: "oplog-processor",
    },
    {
      it: "needs addresses that are some",
      json: { ...newPlugin, version: "3", specs: { ...newPlugin.specs, transformUrl: "ftp://localhost/" } },
      status: 400,
      says: "transformUrl",
    },
    { it: "needs an icon of bytes", json: { ...newPlugin, version: "3", icon: [256] }, status: 400, says: "icon" },
    { it: "needs a name", json: { ...newPlugin, name: "" }, status: 400, says: "name" },
  ],
  "get /v1/plugins/{name}": [
    { it: "lists the versions", path: { name: "known-plugin" } },
    { it: "knows no versions of others", path: { name: "unknown" }, body: [] },
  ],
  "get /v1/plugins/{name}/{version}": [
    { it: "gives one", path: { name: "known-plugin", version: "1" }, has: { name: "known-plugin", owner: {} } },
    { it: "knows no other", path: { name: "known-plugin", version: "2" }, status: 404 },
  ],
  "delete /v1/plugins/{name}/{version}": [
    { it: "removes", path: { name: "removable-plugin", version: "1" }, body: {} },
    { it: "removes once", path: { name: "removable-plugin", version: "1" }, status: 404 },
  ],
};
