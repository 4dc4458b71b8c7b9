import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Route } from "@emet/contract";
import { collides, RouteTable } from "./route-table.ts";

function route(id: string, path: string, more: Partial<Route> = {}): Route {
  return { id, createdAt: "", path, component: "c", ...more };
}

const table = new RouteTable([
  route("all", "/"),
  route("user", "/users/{user}"),
  route("me", "/users/me"),
  route("items", "/users/{user}/items"),
  route("put", "/users/{user}", { methods: ["PUT"] }),
  route("host", "/users/{user}", { host: "shop.example" }),
  route("encoded", "/a%20b"),
]);

function found(path: string, host = "localhost:9006", method = "GET"): string | undefined {
  return table.find({ host, method, path })?.route.id;
}

describe("RouteTable", () => {
  it("finds the most particular route", () => {
    assert.equal(found("/"), "all");
    assert.equal(found("/other/path"), "all");
    assert.equal(found("/users/x"), "user");
    assert.equal(found("/users/x/"), "user");
    assert.equal(found("/users/me/items"), "me");
    assert.equal(found("/users/x/items/5"), "items");
    assert.equal(found("/users/x", "h", "PUT"), "put");
    assert.equal(found("/users/x", "SHOP.example:80"), "host");
    assert.equal(found("/users/"), "all");
    assert.equal(found("/a%20b/c"), "encoded");
    assert.equal(found("/%zz"), "all");
  });

  it("gives the parameters, decoded", () => {
    const parameters = table.find({ host: "", method: "GET", path: "/users/a%20b/items" })?.parameters;
    assert.deepEqual([...(parameters ?? [])], [["user", "a b"]]);
  });

  it("finds nothing where nothing matches", () => {
    assert.equal(
      new RouteTable([route("x", "/x", { host: "a" })]).find({ host: "b", method: "GET", path: "/x" }),
      undefined,
    );
  });
});

describe("collides()", () => {
  it("tells routes apart that can't match the same requests with the same right", () => {
    const one = route("1", "/a/{b}", { methods: ["GET", "PUT"] });
    assert.ok(collides(route("2", "/a/{c}", { methods: ["PUT"] }), one));
    assert.ok(!collides(route("2", "/a/{c}", { methods: ["POST"] }), one));
    assert.ok(!collides(route("2", "/a/{c}"), one));
    assert.ok(!collides(route("2", "/a/b", { methods: ["GET"] }), one));
    assert.ok(!collides(route("2", "/a/{b}", { methods: ["GET"], host: "h" }), one));
  });
});
