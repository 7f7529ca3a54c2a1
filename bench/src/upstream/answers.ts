/** The benchmark's upstream answers in OpenAI's format, and names this model. */
export const model = 'gpt-4o-mini';
export const usage = { prompt_tokens: 57, completion_tokens: 117, total_tokens: 174 };
const chunksPerStream = 50;

const common = { id: 'chatcmpl-benchmark', created: 1_700_000_000, model, system_fingerprint: 'fp_benchmark' };
const message = {
  role: 'assistant',
  content: 'The quick brown fox jumps over the lazy dog. '.repeat(14),
  refusal: null,
};

/** A chat completion of 1 KB. */
export const completion = Buffer.from(
  JSON.stringify({
    ...common,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
    usage,
  }),
);

/**
 * The events of one streamed completion: 49 with text, one with the `finish_reason`, and `[DONE]`.
 *
 * @param includesUsage the request's `stream_options.include_usage`: if true, `usage` is null in the first 50 events,
 * and another event before `[DONE]` has the figures
 */
export function buildEvents(includesUsage: boolean): readonly Buffer[] {
  const nothingYet = includesUsage ? { usage: null } : {};
  const chunk = (delta: object, finish_reason: string | null) =>
    format({
      ...common,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      ...nothingYet,
    });
  const texts = Array.from({ length: chunksPerStream - 1 }, (_, index) => chunk({ content: ` word${index}` }, null));
  const end = includesUsage ? [format({ ...common, object: 'chat.completion.chunk', choices: [], usage })] : [];
  return [...texts, chunk({}, 'stop'), ...end, Buffer.from('data: [DONE]\n\n')];
}

function format(event: object): Buffer {
  return Buffer.from(`data: ${JSON.stringify(event)}\n\n`);
}
