import { awaitPromise, createPromise } from "golem:api/host@1.1.7";
import { subscribeDuration } from "wasi:clocks/monotonic-clock@0.2.0";
import { log } from "wasi:logging/logging";

let items = [];
let orders = 0;

export const api = {
  addItem(item) {
    items.push(item);
    return items.reduce((sum, { qty }) => sum + qty, 0);
  },

  contents: () => items,

  checkout() {
    if (items.length === 0) throw "the cart is empty";
    console.log(`checking out ${items.length} items`);
    subscribeDuration(300_000_000n).block();
    log("info", "cart", "paid");
    items = [];
    orders += 1;
    return `order-${orders}`;
  },

  pay() {
    const id = createPromise();
    return new TextDecoder().decode(awaitPromise(id));
  },
};
