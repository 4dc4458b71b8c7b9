/**
 * Channels on which the server tells what happens in it: metrics and logs listen from outside, and what nobody listens
 * to costs nothing. Each thread has its own.
 */
import { channel } from "node:diagnostics_channel";

export interface Channel<Event extends object> {
  /** Whether anybody listens: what is costly to find out need not be found out otherwise. */
  readonly active: boolean;
  readonly publish: (event: Event) => void;
  readonly subscribe: (listener: (event: Event) => void) => void;
}

export function openChannel<Event extends object>(name: string): Channel<Event> {
  const opened = channel(name);
  return {
    get active() {
      return opened.hasSubscribers;
    },
    publish: (event) => opened.publish(event),
    subscribe: (listener) => opened.subscribe((event) => listener(event as Event)),
  };
}
