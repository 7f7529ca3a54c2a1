/** The measurements of a recording's packets. */
export interface RecordingLength {
  /** The playing time of all packets, or the length according to the container, if that is longer. */
  readonly seconds: number;
  /** The bytes that are known to be packets or the container around them. The other bytes may be more audio. */
  readonly explainedBytes: number;
  /** The least number of bytes for a second of sound. Default: that of Opus. */
  readonly leastBytesPerSecond?: number;
}

/**
 * Reads a recording in one container format. Returns undefined for another container, and for a codec whose length
 * cannot be determined.
 */
export type RecordingReader = (bytes: Buffer) => RecordingLength | undefined;

/** Returns the playing time of one packet, in seconds. */
export type PacketSeconds = (packet: Buffer) => number;
