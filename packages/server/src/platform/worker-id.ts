/** Names one worker: a component and a name within it. */
export interface WorkerId {
  /** UUID, lower case, hyphenated. */
  readonly componentId: string;
  readonly workerName: string;
}

/** The form used in logs, errors and as storage key: `{componentId}/{workerName}`. */
export function formatWorkerId(id: WorkerId): string {
  return `${id.componentId}/${id.workerName}`;
}

/** Undoes `formatWorkerId`. The component id holds no slash, so that a name with slashes survives. */
export function parseWorkerId(text: string): WorkerId {
  const slash = text.indexOf("/");
  if (slash < 0) throw new TypeError(`cannot parse worker id: no "/" in "${text}"`);
  return { componentId: text.slice(0, slash), workerName: text.slice(slash + 1) };
}
