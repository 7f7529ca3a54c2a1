/** Encodes a `FormData` body as bytes, because undici's fetch for one replica does not know the global `FormData`. */
export async function encodeForm(init: RequestInit): Promise<RequestInit> {
  if (!(init.body instanceof FormData)) return init;
  const encoded = new Response(init.body);
  const headers = {
    ...(init.headers as Record<string, string>),
    'content-type': encoded.headers.get('content-type') ?? '',
  };
  return { ...init, headers, body: Buffer.from(await encoded.arrayBuffer()) };
}
