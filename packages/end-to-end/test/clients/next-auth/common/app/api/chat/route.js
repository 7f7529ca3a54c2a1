import { createOpenAI } from '@ai-sdk/openai';
import { streamText } from 'ai';
import { getToken } from 'next-auth/jwt';

/** Streams an answer, with the visitor's own AI access. The access token stays in the encrypted session cookie. */
export async function POST(request) {
  const session = await getToken({ req: request, secret: process.env.AUTH_SECRET });
  if (session === null) return new Response('Sign in first.', { status: 401 });
  const openai = createOpenAI({ baseURL: `${process.env.PROXY}/openai/v1`, apiKey: session.accessToken });
  const { prompt } = await request.json();
  return streamText({ model: openai('gpt-4o-mini'), prompt }).toUIMessageStreamResponse();
}
