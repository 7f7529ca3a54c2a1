/**
 * The name of a model for sentences, made from its identifier: `GPT-4o mini` for `gpt-4o-mini`. Different identifiers
 * of the catalogue have different names. An identifier of an unknown form is returned unchanged.
 */
export function nameModel(id: string): string {
  // A date at the end, such as 2025-01-31, stays whole.
  const [family = '', ...parts] = id.split(/-(?!\d{2}(?:-\d{2})?$)/);
  switch (family) {
    case 'gpt':
      return nameVersioned('GPT-', parts, id);
    case 'claude':
    case 'gemini':
      return parts.length === 0 ? id : [capitalize(family), ...joinVersion(parts).map(capitalize)].join(' ');
    default:
      return id;
  }
}

function nameVersioned(prefix: string, [version, ...words]: readonly string[], id: string): string {
  return version !== undefined && /^\d/.test(version) ? `${prefix}${[version, ...words].join(' ')}` : id;
}

/** Vendors write `4-5` for the version 4.5. */
function joinVersion(parts: readonly string[]): readonly string[] {
  return parts
    .join('-')
    .replace(/(?<=^|-)(\d)-(\d)(?=-|$)/, '$1.$2')
    .split('-');
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
