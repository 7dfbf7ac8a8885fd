/** Calls the control endpoint of an embedded AWS; what it refuses is an error. */
export type ControlCall = <T>(method: string, path: string, body?: object) => Promise<T>;

export function controlCall(endpoint: string): ControlCall {
  return async <T>(method: string, path: string, body?: object): Promise<T> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await fetch(`${endpoint}/_amity/${path}`, init);
    if (!answer.ok) throw new Error(`The embedded AWS refused: ${await answer.text()}`);
    return JSON.parse(await answer.text());
  };
}

/** The path with what is defined of the values as its query. */
export function withQuery(path: string, values: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return `${path}?${query}`;
}
