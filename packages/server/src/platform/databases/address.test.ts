import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseAddress } from "./address.ts";
import { DatabaseError } from "./database.ts";

describe("parseAddress", () => {
  test("takes an address apart, and leaves the password out of its title", () => {
    assert.deepEqual(parseAddress("postgres", "postgresql://us%40er:pass%2Fword@[::1]:77/my%20db?sslmode=require"), {
      host: "::1",
      port: 77,
      user: "us@er",
      password: "pass/word",
      database: "my db",
      encryption: "required",
      title: "postgres://us@er@[::1]:77/my db",
    });
    assert.equal(parseAddress("mysql", "mysql://root@db").port, 3306);
  });

  test("refuses what is none, without telling secrets", () => {
    const wrong = [
      "",
      "db",
      "mysql://a:secret@h/x",
      "postgres://a:secret@%2Fvar%2Frun/x",
      "postgres://a:secret@h/x?sslmode=unheard-of",
      "postgres:///x",
      "postgres://a:secret@h:99999/x",
      "postgres://a:%zzsecret@h/x",
    ];
    for (const address of wrong) {
      assert.throws(
        () => parseAddress("postgres", address),
        (error) =>
          error instanceof DatabaseError && error.code === "connection-failure" && !/secret/u.test(error.message),
        address,
      );
    }
  });
});
