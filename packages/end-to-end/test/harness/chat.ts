/** A small request that the proxy forwards. */
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

/** Sends a request like `postChat` and reads the answer to its end. @returns the status */
export async function chatStatus(
  baseUrl: string,
  accessToken: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<number> {
  return (await chatOutcome(baseUrl, accessToken, body)).status;
}

/** Like `chatStatus`, but also returns the `code` of an error, so that a failed test shows why the request failed. */
export async function chatOutcome(
  baseUrl: string,
  accessToken: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<{ readonly status: number; readonly code: string | undefined }> {
  const response = await postChat(baseUrl, accessToken, body);
  const text = await response.text();
  return { status: response.status, code: response.ok ? undefined : readCode(text) };
}

/** @returns the code of an error; the start of the answer when the answer has no such code */
function readCode(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly code?: unknown } };
    if (typeof error?.code === 'string') return error.code;
  } catch {
    // the answer is not JSON
  }
  return text.slice(0, 200);
}
