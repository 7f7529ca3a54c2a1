/**
 * The lengths of a frame in milliseconds, for each of the three modes of Opus. The configuration in a packet's first
 * byte states the mode and the length: RFC 6716, section 3.1.
 */
const silk = [10, 20, 40, 60];
const hybrid = [10, 20];
const celt = [2.5, 5, 10, 20];

/** Reads the playing time of an Opus packet, in seconds, from the packet's header. */
export function readOpusSeconds(packet: Uint8Array): number {
  const first = packet[0];
  if (first === undefined) return 0;
  const config = first >> 3;
  const each = config < 12 ? silk[config & 3] : config < 16 ? hybrid[config & 1] : celt[config & 3];
  const code = first & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 0x3f;
  return ((each ?? 0) * frames) / 1_000;
}
