/** Remote calls that are performed live, shown to whoever traces them. */
import type { FunctionClass } from "./durable-function.ts";

/** A remote call begins; what is returned is called when it has ended. */
export type ObserveCall = (functionName: string) => () => void;

export const remoteClasses: ReadonlySet<FunctionClass> = new Set([
  "remote-read",
  "remote-write",
  "batched-remote-write",
]);

interface Declared {
  readonly name: string;
  readonly class: FunctionClass;
}

/** `perform`, shown to `observe` where it is remote. */
export function observed<Parameters extends readonly unknown[], Response>(
  observe: ObserveCall | undefined,
  declaration: Declared,
  perform: (...parameters: Parameters) => Response | Promise<Response>,
): (...parameters: Parameters) => Response | Promise<Response> {
  if (observe === undefined || !remoteClasses.has(declaration.class)) return perform;
  return (...parameters) => {
    const end = observe(declaration.name);
    let response: Response | Promise<Response>;
    try {
      response = perform(...parameters);
    } catch (error) {
      end();
      throw error;
    }
    if (response instanceof Promise) return response.finally(end);
    end();
    return response;
  };
}
