import { isUtf8 } from 'node:buffer';
import { Denied, type FormProblem } from '../denials/denial.js';
import { plainWord } from '../denials/plain-word.js';
import { freeBytes, type UnsharedBytes } from '../free-bytes.js';
import { MultipartScanner } from './multipart-scanner.js';
import type { PartHead } from './part-head.js';

/** A file of a form. */
export interface FormFile {
  readonly name: string;
  readonly filename: string;
  readonly contentType: string | undefined;
  /** The pieces belong to the form and are freed with it. */
  readonly pieces: readonly Buffer[];
}

/** A form that was read completely. */
export interface WholeForm {
  readonly texts: ReadonlyMap<string, string>;
  readonly files: readonly FormFile[];
  /** Frees the memory of the files. */
  readonly discard: () => void;
}

/** How a field may occur: as one text, one file or several files; undefined for an unknown field. */
export type FindOccurrence = (name: string) => 'text' | 'file' | 'files' | undefined;

/** The longest text field is a prompt, which has 32,000 characters at most. */
const maxTextBytes = 1024 * 1024;
/** Smaller buffers may be in a pool, so their memory is not freed. */
const leastFreedBytes = 65_536;

/**
 * Reads a form that is in memory, strictly. Only a field for several files may occur more than once. A field that is
 * known as a file must have a file name, and a field that is known as a text must have none. The brackets that some
 * clients write after the name of a list are removed.
 *
 * @param pieces belong to the form from now on
 * @throws Denied `form_malformed`
 */
export function readForm(pieces: readonly Buffer[], boundary: string, findOccurrence: FindOccurrence): WholeForm {
  const texts = new Map<string, string>();
  const files: FormFile[] = [];
  const seen = new Set<string>();
  let part: { readonly head: PartHead; readonly name: string; readonly pieces: Buffer[]; bytes: number } | undefined;
  const scanner = new MultipartScanner(boundary, {
    onPart: (head) => {
      const name = head.name.replace(/\[\]$/, '');
      const occurrence = findOccurrence(name);
      const isFile = head.filename !== undefined;
      // Other form parsers may read a file without a file name as a text, and a text with a file name as a file.
      if (occurrence !== undefined && isFile !== (occurrence !== 'text')) refuse('malformed');
      if (seen.has(name) && occurrence !== 'files') refuse('repeated_field', plainWord(name));
      seen.add(name);
      part = { head, name, pieces: [], bytes: 0 };
    },
    onData: (bytes) => {
      if (part === undefined) return;
      part.bytes += bytes.length;
      if (part.head.filename === undefined && part.bytes > maxTextBytes) refuse('field_too_long', plainWord(part.name));
      part.pieces.push(bytes);
    },
    onPartEnd: () => {
      if (part === undefined) return;
      const { name, head, pieces } = part;
      const { filename, contentType } = head;
      if (filename !== undefined) files.push({ name, filename, contentType, pieces });
      else texts.set(name, readText(Buffer.concat(pieces)));
    },
  });
  for (const piece of pieces) scanner.write(piece);
  scanner.end();
  const discard = () => {
    for (const { pieces } of files)
      for (const piece of pieces) if (piece.length >= leastFreedBytes) freeBytes(piece as UnsharedBytes); // not pooled
  };
  return { texts, files, discard };
}

function readText(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString() : refuse('malformed');
}

function refuse(problem: FormProblem, field?: string): never {
  throw new Denied({ reason: 'form_malformed', problem, ...(field !== undefined && { field }) });
}
