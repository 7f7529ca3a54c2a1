import { type FileHandle, open, readFile } from 'node:fs/promises';

const chunkBytes = 16 * 1024 * 1024;

/** Whether a test can read the memory of a server: Linux lets a process read its children's. */
export const canSearchMemory = process.platform === 'linux';

/**
 * Counts how often a text occurs in the memory of a child process: in both encodings that V8 uses, and as an array with
 * a number for each character. A core dump would contain the same.
 */
export async function countInMemory(pid: number, text: string): Promise<number> {
  const numbers = Uint32Array.from(text, (character) => character.charCodeAt(0));
  // V8 stores a small integer in the upper half of 8 bytes, so an array of them begins with four zeros. The needle
  // leaves these zeros out, because a search for them would be slow.
  const smallIntegers = BigUint64Array.from(numbers, BigInt);
  const arrays = [Buffer.from(numbers.buffer), Buffer.from(smallIntegers.buffer).subarray(0, -4)];
  const needles = [Buffer.from(text, 'latin1'), Buffer.from(text, 'utf16le'), ...arrays];
  const longest = Math.max(...needles.map(({ length }) => length));
  const memory = await open(`/proc/${pid}/mem`, 'r');
  const chunk = Buffer.alloc(chunkBytes);
  let count = 0;
  try {
    for (const { start, end } of await listResidentRegions(pid)) {
      // chunks overlap, so that a text at a border is found
      for (let at = start; at < end; at += chunkBytes - longest + 1) {
        const length = await readChunk(memory, chunk, at, Math.min(chunkBytes, end - at));
        for (const needle of needles) count += countIn(chunk.subarray(0, length), needle);
      }
    }
  } finally {
    await memory.close();
  }
  return count;
}

/** The readable regions of the address space that have pages in memory. */
async function listResidentRegions(pid: number): Promise<{ start: number; end: number }[]> {
  const regions: { start: number; end: number }[] = [];
  let region: { start: number; end: number } | undefined;
  for (const line of (await readFile(`/proc/${pid}/smaps`, 'utf8')).split('\n')) {
    const header = /^([0-9a-f]+)-([0-9a-f]+) (r?)/.exec(line);
    if (header) {
      const [, start = '', end = '', readable] = header;
      region = readable ? { start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) } : undefined;
    } else if (region && /^Rss: +[1-9]/.test(line)) regions.push(region);
  }
  return regions;
}

/** @returns how many bytes could be read; some regions belong to the kernel */
async function readChunk(memory: FileHandle, chunk: Buffer, position: number, length: number): Promise<number> {
  try {
    return (await memory.read(chunk, 0, length, position)).bytesRead;
  } catch {
    return 0;
  }
}

function countIn(bytes: Buffer, needle: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + needle.length)) count++;
  return count;
}
