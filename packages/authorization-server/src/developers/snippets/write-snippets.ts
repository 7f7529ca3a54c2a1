import { writeCurl } from './curl.js';
import type { SnippetValues } from './example.js';
import { writeGo } from './go.js';
import { writeJavaScript } from './javascript.js';
import { writePython } from './python.js';

export type { SnippetValues } from './example.js';

/** One example program. */
export interface Snippet {
  /** The name of the programming language. It is not translated. */
  readonly language: 'JavaScript' | 'Python' | 'Go' | 'curl';
  readonly text: string;
}

/** Programs that ask for access and send one request, with the values of one client. */
export function writeSnippets(values: SnippetValues): readonly Snippet[] {
  return [
    { language: 'JavaScript', text: writeJavaScript(values) },
    { language: 'Python', text: writePython(values) },
    { language: 'Go', text: writeGo(values) },
    { language: 'curl', text: writeCurl(values) },
  ];
}
