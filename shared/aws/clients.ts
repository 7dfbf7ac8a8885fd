/** Every call ends: a hung connection must not eat a function's whole time. Milliseconds. */
export const requestHandler = { connectionTimeout: 3_000, requestTimeout: 15_000 };

/** A client for each region, made once. */
export function inEachRegion<Client>(
  make: (settings: { region: string; requestHandler: typeof requestHandler }) => Client,
): (region: string) => Client {
  const clients = new Map<string, Client>();
  return (region) => {
    const client = clients.get(region) ?? make({ region, requestHandler });
    clients.set(region, client);
    return client;
  };
}
