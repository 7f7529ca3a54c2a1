import { randomBytes } from 'node:crypto';
import type { FormFile } from './read-form.js';

export interface WrittenForm {
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** Writes a form with our own boundary and headers, so that the upstream reads exactly what was checked. */
export function writeForm(
  texts: Iterable<readonly [name: string, text: string]>,
  files: readonly FormFile[],
): WrittenForm {
  const boundary = `aipassport-${randomBytes(24).toString('base64url')}`;
  const parts: Buffer[] = [];
  const add = (name: string, content: readonly Buffer[], fileHead = '') => {
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${fileHead}\r\n\r\n`;
    // Heads were read as latin1, so they are written as latin1.
    parts.push(Buffer.from(head, 'latin1'), ...content, Buffer.from('\r\n'));
  };
  for (const [name, text] of texts) add(name, [Buffer.from(text)]);
  for (const { name, filename, contentType = 'application/octet-stream', pieces } of files)
    add(name, pieces, `; filename="${filename}"\r\ncontent-type: ${contentType}`);
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { contentType: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat(parts) };
}
