import { EmetClient } from "@emet/contract/client";
import { Tally } from "./tally.ts";

const emet = new EmetClient({ url: "http://localhost:9881" });
const anna = new Tally(emet, "anna");
console.log(await anna.add(2));
console.log(await anna.addAfter(3, 1, { idempotencyKey: "order-1" }));
console.log(await anna.addAfter(3, 1, { idempotencyKey: "order-1" }));
