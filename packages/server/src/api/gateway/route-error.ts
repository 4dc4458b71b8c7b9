/** Why a route was refused. */
export class RouteError extends Error {
  override readonly name = "RouteError";
  readonly code: "invalid" | "conflict";

  constructor(code: RouteError["code"], message: string) {
    super(message);
    this.code = code;
  }
}
