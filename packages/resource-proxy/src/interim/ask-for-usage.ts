import type { Call } from '../call.js';

export interface MeteredCall {
  readonly call: Call;
  /** Whether the usage is ours alone, and has to be taken out of the answer again. */
  readonly hidesUsage: boolean;
}

/** Has OpenAI tell the usage of a streamed chat, which it does only when asked. */
export function askForUsage(call: Call): MeteredCall {
  const { match, content, isStream } = call;
  if (match.operation.id !== 'openai.chat/completions' || content.kind !== 'json' || !isStream)
    return { call, hidesUsage: false };
  const options = content.body.stream_options;
  const given = typeof options === 'object' && options !== null ? options : {};
  if ('include_usage' in given && given.include_usage === true) return { call, hidesUsage: false };
  const body = { ...content.body, stream_options: { ...given, include_usage: true } };
  return { call: { ...call, content: { kind: 'json', body } }, hidesUsage: true };
}
