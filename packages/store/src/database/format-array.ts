type Element = string | number | bigint | boolean | null | undefined;

/** What may stand in an array's literal as it is; the word null means something there. */
const plain = /^(?!null$)[\w.:/-]+$/i;

/**
 * An array as PostgreSQL reads it (manual, section 8.15.2), for parameters of many elements: the driver's own way looks
 * at every character of every element.
 */
export function formatArray(elements: readonly Element[]): string {
  return `{${elements.map(formatElement).join(',')}}`;
}

function formatElement(element: Element): string {
  if (element === null || element === undefined) return 'null';
  if (typeof element !== 'string') return String(element);
  return plain.test(element) ? element : `"${element.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
