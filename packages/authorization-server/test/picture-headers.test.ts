import { expect, it } from '@jest/globals';
import { readPictureHeader } from '../src/documents/read-picture-header.js';
import { makePng, redPictures } from './support/pictures.js';

const pictures: readonly (readonly [string, Buffer])[] = [
  ['image/png', makePng()],
  ...Object.entries(redPictures).map(([name, text]) => [name, Buffer.from(text, 'base64')] as const),
];

it.each(pictures)('reads the format and the size of a picture: %s', (name, bytes) => {
  expect(readPictureHeader(bytes)).toEqual({ mediaType: name.split(',')[0], width: 3, height: 2 });
});

it.each([
  ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
  ['SVG after an XML declaration', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['HTML', '<!doctype html><script>alert(1)</script>'],
  ['HTML after the first bytes of a PNG', '\x89PNG\r\n\x1a\n<html><script>alert(1)</script>'],
  ['HTML after the first bytes of a GIF', 'GIF89a<html><script>alert(1)</script>'],
  ['HTML after the first bytes of a JPEG', '\xff\xd8\xff<html><script>alert(1)</script>'],
  ['a WAV file', 'RIFF\x24\0\0\0WAVEfmt '],
  ['a bitmap', 'BM\x46\0\0\0\0\0\0\0\x36\0\0\0'],
  ['an icon', '\0\0\x01\0\x01\0\x10\x10\0\0'],
  ['a PDF file', '%PDF-1.7'],
  ['nothing', ''],
])('is no picture: %s', (_name, text) => expect(readPictureHeader(Buffer.from(text, 'latin1'))).toBeUndefined());

it('a GIF is as large as its largest frame, because browsers enlarge the picture to that size', () => {
  const gif = Buffer.from(redPictures['image/gif'], 'base64');
  const frame = gif.indexOf(0x2c, 13 + 6);
  gif.writeUInt16LE(60_000, frame + 5);
  gif.writeUInt16LE(50_000, frame + 7);
  expect(readPictureHeader(gif)).toEqual({ mediaType: 'image/gif', width: 60_000, height: 50_000 });
});

it('reads pictures that are cut off anywhere, and pictures with one changed byte, without an error', () => {
  for (const [, bytes] of pictures)
    for (let at = 0; at < bytes.length; at += 1) {
      expect(() => readPictureHeader(bytes.subarray(0, at))).not.toThrow();
      for (const value of [0, 0x21, 0x2c, 0x7f, 0xff]) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(value, at);
        expect(() => readPictureHeader(changed)).not.toThrow();
      }
    }
});
