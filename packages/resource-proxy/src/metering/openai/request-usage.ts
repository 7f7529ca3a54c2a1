import { isJsonObject, type JsonObject } from '@aipassport/policy';

/** Asks for the usage of a streamed chat or completion. Without `include_usage`, the stream contains no usage. */
export function requestUsage(body: JsonObject): { readonly body: JsonObject; readonly hidesUsage: boolean } {
  const { stream, stream_options: options } = body;
  if (stream !== true) return { body, hidesUsage: false };
  const given = isJsonObject(options) ? options : {};
  if (given.include_usage === true) return { body, hidesUsage: false };
  return { body: { ...body, stream_options: { ...given, include_usage: true } }, hidesUsage: true };
}
