import { awaitPromise, completePromise, createPromise, deletePromise } from "golem:api/host@1.1.7";

export function requestApproval(subject) {
  const promise = createPromise();
  console.log(`${subject} waits for promise ${promise.oplogIdx}`);
  const answer = new TextDecoder().decode(awaitPromise(promise));
  deletePromise(promise);
  return `${subject}: ${answer}`;
}

export function approve(promise) {
  return completePromise(promise, new TextEncoder().encode("approved by a colleague"));
}
