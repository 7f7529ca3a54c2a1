/**
 * The name of a field in the JSON mapping of protocol buffers. A vendor that uses this mapping reads
 * `max_output_tokens` as `maxOutputTokens`.
 */
export function canonicalFieldName(name: string): string {
  return name.includes('_') ? name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase()) : name;
}
