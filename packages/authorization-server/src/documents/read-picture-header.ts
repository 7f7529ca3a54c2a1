import type { PictureType } from '@aipassport/store/authorization';

/** The format and the size of a picture, as its bytes state them. Width and height are in pixels. */
export interface PictureHeader {
  readonly mediaType: PictureType;
  readonly width: number;
  readonly height: number;
}

/**
 * Reads the format and the size of a picture from its bytes. A file that only begins like a picture may pass. Browsers
 * neither show nor run such a file, because it is served as a picture.
 *
 * @returns undefined for everything that is not PNG, JPEG, WebP or GIF
 */
export function readPictureHeader(bytes: Buffer): PictureHeader | undefined {
  try {
    return readPng(bytes) ?? readJpeg(bytes) ?? readWebp(bytes) ?? readGif(bytes);
  } catch (error) {
    if (isTooShort(error)) return undefined;
    throw error;
  }
}

/** Whether a Buffer was read beyond its end. */
function isTooShort(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_OUT_OF_RANGE' || code === 'ERR_BUFFER_OUT_OF_BOUNDS';
}

function startsWith(bytes: Buffer, text: string, at = 0): boolean {
  return bytes.toString('latin1', at, at + text.length) === text;
}

/** PNG specification, section 11.2.1. */
function readPng(bytes: Buffer): PictureHeader | undefined {
  if (!startsWith(bytes, '\x89PNG\r\n\x1a\n\0\0\0\rIHDR')) return undefined;
  return { mediaType: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** ITU-T T.81, section B.1: a list of segments. Each begins with 0xFF and its kind. */
function readJpeg(bytes: Buffer): PictureHeader | undefined {
  if (!startsWith(bytes, '\xff\xd8\xff')) return undefined;
  for (let at = 2; bytes.readUInt8(at) === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    while (bytes.readUInt8(at + 1) === 0xff) at += 1; // any number of 0xFF may precede the kind
    const kind = bytes.readUInt8(at + 1);
    if (isFrame(kind))
      return { mediaType: 'image/jpeg', width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    // 0xDA begins the pixels, and no frame came before them. A kind below 0xC0 is not allowed here.
    if (kind < 0xc0 || kind === 0xda) return undefined;
  }
  return undefined;
}

/** The frame segments are 0xC0 to 0xCF, except the tables 0xC4 and 0xCC and the reserved 0xC8. */
function isFrame(kind: number): boolean {
  return kind >= 0xc0 && kind <= 0xcf && kind !== 0xc4 && kind !== 0xc8 && kind !== 0xcc;
}

/** RFC 9649 section 2. */
function readWebp(bytes: Buffer): PictureHeader | undefined {
  if (!startsWith(bytes, 'RIFF') || !startsWith(bytes, 'WEBP', 8)) return undefined;
  const mediaType = 'image/webp';
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { mediaType, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    case 'VP8 ':
      if (!startsWith(bytes, '\x9d\x01\x2a', 23)) return undefined;
      return { mediaType, width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      if (bytes.readUInt8(20) !== 0x2f) return undefined;
      const sizes = bytes.readUInt32LE(21);
      return { mediaType, width: (sizes & 0x3fff) + 1, height: ((sizes >>> 14) & 0x3fff) + 1 };
    }
    default:
      return undefined;
  }
}

/**
 * GIF89a, sections 18 to 27. The size is that of the logical screen, or larger if a frame exceeds the screen, because
 * browsers enlarge the screen then.
 */
function readGif(bytes: Buffer): PictureHeader | undefined {
  if (!startsWith(bytes, 'GIF87a') && !startsWith(bytes, 'GIF89a')) return undefined;
  let width = bytes.readUInt16LE(6);
  let height = bytes.readUInt16LE(8);
  for (let at = 13 + colorTableLength(bytes.readUInt8(10)); at < bytes.length; ) {
    const kind = bytes.readUInt8(at);
    if (kind === 0x3b) break; // the trailer
    if (kind === 0x21) at = afterSubBlocks(bytes, at + 2);
    else if (kind === 0x2c) {
      width = Math.max(width, bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5));
      height = Math.max(height, bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7));
      at = afterSubBlocks(bytes, at + 11 + colorTableLength(bytes.readUInt8(at + 9)));
    } else return undefined;
  }
  return { mediaType: 'image/gif', width, height };
}

function colorTableLength(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 0x07) + 1);
}

/** Each block of data begins with its length. An empty block is the last. */
function afterSubBlocks(bytes: Buffer, start: number): number {
  let at = start;
  for (let length = bytes.readUInt8(at); length > 0; length = bytes.readUInt8(at)) at += length + 1;
  return at + 1;
}
