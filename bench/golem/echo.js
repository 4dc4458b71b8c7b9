// The component of medium size: a JavaScript engine.
export const api = { echo: (input) => input };
