// The workerd side: a Durable Object. It answers when what it has written is on disk.
const draw = () => Math.floor(Math.random() * 2 ** 32);

export class Counter {
  #storage;
  #counters;

  constructor({ storage }, { counters }) {
    this.#storage = storage;
    this.#counters = counters;
  }

  async fetch(request) {
    const [, , operation] = new URL(request.url).pathname.split("/");
    const body = await request.text();
    return Response.json(await this[operation](body === "" ? {} : JSON.parse(body)));
  }

  async add({ amount }) {
    const sum = ((await this.#storage.get("sum")) ?? 0) + amount;
    this.#storage.put("sum", sum);
    return sum;
  }

  // It has no steps: what a step gave is stored, and on disk before the next begins.
  async steps() {
    let total = 0;
    for (const step of ["first", "second", "third"]) {
      const drawn = draw();
      this.#storage.put(step, drawn);
      await this.#storage.sync();
      total += drawn;
    }
    return total;
  }

  async call({ other, amount }) {
    const stub = this.#counters.get(this.#counters.idFromName(other));
    const init = { method: "POST", body: JSON.stringify({ amount }) };
    const response = await stub.fetch(`http://object/${other}/add`, init);
    return await response.json();
  }
}

// Named, and not the module's default, as the socket's configuration says.
export const entry = {
  fetch(request, { counters }) {
    const [, key] = new URL(request.url).pathname.split("/");
    return counters.get(counters.idFromName(key)).fetch(request);
  },
};
