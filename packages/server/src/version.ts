/** The server's version, as `/version` and the command show it. */
export const version = "0.1.0";
