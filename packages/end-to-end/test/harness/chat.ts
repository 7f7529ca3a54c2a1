/** The smallest request that the proxy forwards. */
export const smallChat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello?' }] };

/** Asks OpenAI's chat through the proxy at `baseUrl`. */
export function postChat(
  baseUrl: string,
  accessToken: string,
  body: Readonly<Record<string, unknown>> = smallChat,
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${baseUrl}/openai/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The same, read to its end; for those who want to know only how it went. */
export async function chatStatus(
  baseUrl: string,
  accessToken: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<number> {
  const response = await postChat(baseUrl, accessToken, body);
  await response.arrayBuffer();
  return response.status;
}
