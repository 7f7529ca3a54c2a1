/** The clock of this process, set from the database's clock. */
export interface Clock {
  /** Whole milliseconds since the epoch. The value jumps only when the clock is set. */
  readonly now: () => number;
  /** @returns by how many milliseconds this machine's clock is behind the database's; negative when it is ahead */
  readonly set: (databaseMilliseconds: number) => number;
}

/**
 * Creates a clock that follows the database's clock, because all decisions about grants use the database's clock. This
 * machine's clock may be wrong, or may be corrected while streams run. Even in these cases, no access token may be
 * accepted after its expiry. Until `set` is called, the new clock shows this machine's time.
 */
export function createClock(): Clock {
  let epochMilliseconds = Date.now() - performance.now();
  return {
    now: () => Math.round(epochMilliseconds + performance.now()),
    set: (databaseMilliseconds) => {
      epochMilliseconds = databaseMilliseconds - performance.now();
      return databaseMilliseconds - Date.now();
    },
  };
}
