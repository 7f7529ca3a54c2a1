import { Denied } from '../denials/denial.js';

/** The headers of one part. Texts are in latin1, byte for byte as they were sent. */
export interface PartHead {
  readonly name: string;
  /** undefined for a plain field. */
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
}

const linePattern = /^([A-Za-z-]{1,40}): ?([^\r\n]*)$/;
/**
 * Matches exactly the form in RFC 7578 section 4.2. Servers read `filename*`, unquoted values and escapes in different
 * ways, so these are refused.
 */
const dispositionPattern = /^form-data; *name="([^"\\\r\n]{1,100})"(?:; *filename="([^"\\\r\n]{0,300})")?$/i;
const contentTypePattern = /^[\w.+-]{1,60}\/[\w.+-]{1,60}(; ?[\w-]{1,20}="?[\w.+-]{1,40}"?)?$/;

/** @throws Denied `form_malformed` */
export function parsePartHead(text: string): PartHead {
  const headers = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const [, name, value] = linePattern.exec(line) ?? [];
    if (name === undefined || value === undefined || headers.has(name.toLowerCase())) refuse();
    headers.set(name.toLowerCase(), value);
  }
  const [, name, filename] = dispositionPattern.exec(headers.get('content-disposition') ?? '') ?? [];
  if (name === undefined) refuse();
  const contentType = headers.get('content-type');
  headers.delete('content-disposition');
  headers.delete('content-type');
  // Some clients add the length of the part, or a transfer encoding that leaves the bytes as they are. Any other header
  // is refused, because it could change how the part is read.
  headers.delete('content-length');
  if (/^(binary|[78]bit)$/i.test(headers.get('content-transfer-encoding') ?? ''))
    headers.delete('content-transfer-encoding');
  if (headers.size > 0 || (contentType !== undefined && !contentTypePattern.test(contentType))) refuse();
  return { name, filename, contentType };
}

function refuse(): never {
  throw new Denied({ reason: 'form_malformed', problem: 'malformed' });
}
