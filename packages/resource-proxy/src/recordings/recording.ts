/** What a recording's packets say of it. */
export interface Walk {
  /** For which its packets are played, all together, and no less than its own index says. */
  readonly seconds: number;
  /** The bytes that were found to be packets, or the container around them. Anything may hide in the others. */
  readonly explainedBytes: number;
}

/** Reads a recording of one container; undefined for another, and where it cannot be told how its codec counts. */
export type Walker = (bytes: Buffer) => Walk | undefined;

/** A count of packets by what kind of packet they are. */
export type PacketSeconds = (packet: Buffer) => number;
