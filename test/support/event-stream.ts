/** Watches a worker over WebSocket. */
import { once } from "node:events";
import { WebSocket } from "ws";

/** A frame, as the server sent it. */
export type Frame = "Close" | { readonly [event: string]: { readonly [field: string]: unknown } };

export class EventStream implements Disposable {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()) as Frame);
    });
  }

  /** Rejects with the status in the message when the server refuses. */
  static async open(serverUrl: string, workerPath: string): Promise<EventStream> {
    const socket = new WebSocket(`${serverUrl.replace("http", "ws")}${workerPath}/connect`);
    const stream = new EventStream(socket);
    await once(socket, "open");
    return stream;
  }

  /** The texts of all chunks of standard output so far. */
  output(kind: "StdOut" | "StdErr" = "StdOut"): readonly string[] {
    return this.frames
      .map((frame) => (frame === "Close" ? undefined : frame[kind]))
      .filter((event) => event !== undefined)
      .map((event) => Buffer.from(event["bytes"] as number[]).toString());
  }

  /** The names of all events so far. */
  names(): readonly string[] {
    return this.frames.map((frame) => (frame === "Close" ? "Close" : Object.keys(frame).join()));
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
