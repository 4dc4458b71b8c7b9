/** Methods and schemes as WIT has them and as they are on the wire. */

export type Method =
  | {
      readonly tag: "get" | "head" | "post" | "put" | "delete" | "connect" | "options" | "trace" | "patch";
      readonly val?: undefined;
    }
  | { readonly tag: "other"; readonly val: string };

export type Scheme =
  | { readonly tag: "HTTP" | "HTTPS"; readonly val?: undefined }
  | { readonly tag: "other"; readonly val: string };

const named = ["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"] as const;

const tokenPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/u;
const schemePattern = /^[A-Za-z][A-Za-z0-9+.-]{0,63}$/u;
/** Host and port without a user. */
const authorityPattern = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::\d{1,5})?$/u;
/** What HTTP libraries put on the wire as it is; a `#` would begin a fragment, which isn't sent. */
const pathPattern = /^(?:\/[\u0021\u0022\u0024-\u007e]*|\*)$/u;
const queryPattern = /^\?[\u0021\u0022\u0024-\u007e]*$/u;

export const pathBytesMax = 64 * 1024;

export function isMethod(method: Method): boolean {
  return method.tag !== "other" || tokenPattern.test(method.val);
}

export function methodText(method: Method): string {
  return method.tag === "other" ? method.val : method.tag.toUpperCase();
}

export function methodOf(text: string): Method {
  const tag = named.find((name) => name.toUpperCase() === text);
  return tag === undefined ? { tag: "other", val: text } : { tag };
}

export function isScheme(scheme: Scheme): boolean {
  return scheme.tag !== "other" || schemePattern.test(scheme.val);
}

export function isAuthority(authority: string): boolean {
  if (authority.length > 1024 || !authorityPattern.test(authority)) return false;
  return URL.canParse(`http://${authority}/`);
}

export function isPathWithQuery(path: string): boolean {
  return path.length <= pathBytesMax && (path === "" || pathPattern.test(path) || queryPattern.test(path));
}
