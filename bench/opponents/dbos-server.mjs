// The DBOS side: workflows in this process, behind plain HTTP. Its first parameter is the database's address.
import { createServer } from "node:http";
import { DBOS } from "@dbos-inc/dbos-sdk";
import { Pool } from "pg";

const [, , databaseUrl] = process.argv;
const database = new Pool({ connectionString: databaseUrl, max: 20 });

const draw = () => Promise.resolve(Math.floor(Math.random() * 2 ** 32));

// One statement, and then the record that this step is done: after a crash between the two it is done again.
async function increment(key, amount) {
  const { rows } = await database.query(
    `insert into counters values ($1, $2)
     on conflict (key) do update set sum = counters.sum + excluded.sum returning sum`,
    [key, amount],
  );
  return Number(rows[0].sum);
}

const add = DBOS.registerWorkflow(
  async (key, amount) => await DBOS.runStep(() => increment(key, amount), { name: "increment" }),
  { name: "add" },
);
const steps = DBOS.registerWorkflow(
  async () => {
    const first = await DBOS.runStep(draw, { name: "first" });
    const second = await DBOS.runStep(draw, { name: "second" });
    const third = await DBOS.runStep(draw, { name: "third" });
    return first + second + third;
  },
  { name: "steps" },
);
const call = DBOS.registerWorkflow(async (other, amount) => await add(other, amount), { name: "call" });

DBOS.setConfig({ name: "bench", systemDatabaseUrl: databaseUrl, systemDatabasePoolSize: 20, logLevel: "error" });
await DBOS.launch();
await database.query("create table counters (key text primary key, sum bigint not null)");

const operations = {
  add: (key, { amount }) => add(key, amount),
  steps: () => steps(),
  call: (_key, { other, amount }) => call(other, amount),
};

async function answer(path, body) {
  const [, key, operation] = path.split("/");
  return JSON.stringify(await operations[operation](key, JSON.parse(body)));
}

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (part) => {
    body += part;
  });
  request.on("end", () => {
    answer(request.url, body).then(
      (reply) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(reply) });
        response.end(reply);
      },
      (error) => {
        console.error(error);
        response.writeHead(500);
        response.end();
      },
    );
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
