const secondsOf: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 };
const maxSeconds = 90 * 86_400;

/**
 * Reads a duration such as `90m`, `12h` or `7d`.
 * @throws Error when the text is not a duration, or the duration is too long
 */
export function parseDuration(text: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (secondsOf[unit] ?? 0);
  if (seconds === 0 || seconds > maxSeconds)
    throw new Error(`${text} is not a time such as 90m, 12h or 7d, of 90 days at most.`);
  return seconds;
}
