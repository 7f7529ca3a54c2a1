import OpenAI from 'openai';
import { handle, resourceProxyUrl, restore } from '../../../lib/ai.js';

export const POST = handle(async (request, session) => {
  const content = String((await request.formData()).get('question'));
  const connection = restore(session);
  const openai = new OpenAI({ baseURL: `${resourceProxyUrl}/openai/v1`, apiKey: 'unused', fetch: connection.fetch });
  try {
    const messages = [{ role: 'user', content }];
    const stream = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
    return new Response(ReadableStream.from(readWords(stream)), { headers: { 'content-type': 'text/plain' } });
  } catch (error) {
    throw (await connection.explain(error)) ?? error;
  }
});

async function* readWords(stream) {
  const encoder = new TextEncoder();
  for await (const chunk of stream) yield encoder.encode(chunk.choices[0]?.delta.content ?? '');
}
