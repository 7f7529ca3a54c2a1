/** The JSON mapping of protocol buffers: a vendor that uses it reads `max_output_tokens` as `maxOutputTokens`. */
export function canonicalFieldName(name: string): string {
  return name.includes('_') ? name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase()) : name;
}
