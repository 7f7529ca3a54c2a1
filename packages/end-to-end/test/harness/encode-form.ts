/** Encodes a form of the global `fetch`, which the fetch that reaches one replica does not know. */
export async function encodeForm(init: RequestInit): Promise<RequestInit> {
  if (!(init.body instanceof FormData)) return init;
  const encoded = new Response(init.body);
  const headers = {
    ...(init.headers as Record<string, string>),
    'content-type': encoded.headers.get('content-type') ?? '',
  };
  return { ...init, headers, body: Buffer.from(await encoded.arrayBuffer()) };
}
