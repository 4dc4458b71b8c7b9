/** Colours, for terminals whose user doesn't object: NO_COLOR and FORCE_COLOR count. */
import { styleText } from "node:util";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "gray";

export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export function paintError(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

const statusStyles: { readonly [status: string]: Style } = {
  Running: "cyan",
  Idle: "green",
  Suspended: "blue",
  Interrupted: "yellow",
  Retrying: "yellow",
  Failed: "red",
  Exited: "gray",
};

/** A worker's status has the same colour everywhere. */
export function statusStyle(status: string): Style | undefined {
  return statusStyles[status.trim()];
}
