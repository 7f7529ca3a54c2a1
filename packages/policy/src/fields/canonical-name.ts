/** Google reads `max_output_tokens` as `maxOutputTokens` (the JSON mapping of protocol buffers): one name for both. */
export function canonicalFieldName(name: string): string {
  return name.includes('_') ? name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase()) : name;
}
