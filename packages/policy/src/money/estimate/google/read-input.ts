import { canonicalFieldName } from '../../../fields/canonical-name.js';
import { isJsonObject, type JsonObject } from '../../json.js';
import { boundAudioSeconds } from '../audio-seconds.js';
import type { InputReader, Media } from '../measure-input.js';

/** https://ai.google.dev/gemini-api/docs/tokens: 32 tokens a second. */
const audioTokensPerSecond = 32;
/**
 * The number of bytes from which the format of a recording or picture is read. Most tags before the first frame of a
 * recording are shorter.
 */
const headBytes = 8_192;

export const googleInput: InputReader = {
  shownAsJson: new Set(['tools', 'args', 'response', 'responseSchema', 'responseJsonSchema']),
  readMedia,
  canonicalName: canonicalFieldName,
};

function readMedia(name: string, value: unknown): Media | undefined {
  if (name === 'fileData') return { kind: 'anything' };
  return name === 'inlineData' && isJsonObject(value) ? readInlineData(value) : undefined;
}

function readInlineData(value: JsonObject): Media {
  const type = readText(value, 'mimeType').toLowerCase();
  const data = readText(value, 'data');
  const head = Buffer.from(data.slice(0, Math.ceil(headBytes / 3) * 4), 'base64');
  if (type.startsWith('image/') && isPicture(head)) return { kind: 'image' };
  if (type.startsWith('audio/')) {
    const seconds = boundAudioSeconds(head, Math.ceil((data.length * 3) / 4));
    return { kind: 'audio', tokens: seconds * audioTokensPerSecond };
  }
  // A byte that is not valid text becomes a character of three bytes, and a token is at least one byte.
  if (type.startsWith('text/')) return { kind: 'text', tokens: data.length * 3 };
  return { kind: type === 'application/pdf' ? 'document' : 'anything' };
}

function readText(holder: JsonObject, member: string): string {
  const found = Object.entries(holder).find(([name]) => canonicalFieldName(name) === member)?.[1];
  return typeof found === 'string' ? found : '';
}

/**
 * Whether data begins like a picture. The media type is not enough: the vendor would read a document that has the media
 * type of a picture as a document.
 */
function isPicture(head: Buffer): boolean {
  const text = head.toString('latin1', 0, 12);
  return (
    text.startsWith('\x89PNG\r\n\x1a\n') ||
    text.startsWith('\xff\xd8\xff') ||
    (text.startsWith('RIFF') && text.endsWith('WEBP')) ||
    text.slice(4, 11) === 'ftyphei' ||
    text.slice(4, 12) === 'ftypmif1'
  );
}
