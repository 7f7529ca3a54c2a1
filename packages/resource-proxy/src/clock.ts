/** This process's clock, set by the database's. */
export interface Clock {
  /** Whole milliseconds since the epoch. Never jumps but when it is set. */
  readonly now: () => number;
  /** @returns by how many milliseconds the machine's own clock is behind; negative: ahead */
  readonly set: (databaseMilliseconds: number) => number;
}

/**
 * A clock that goes by the database's, as everything about grants does: the clock of this machine may be wrong, or be
 * corrected while streams run, and yet no token lives longer than it says. Until it is set, it is the machine's.
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
