/** Every call ends: a hung connection must not eat a function's whole time. Milliseconds. */
export const requestHandler = { connectionTimeout: 3_000, requestTimeout: 15_000 };
