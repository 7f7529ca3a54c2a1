/** Milliseconds, by the clock that all processes of a machine share. */
export function readClock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
