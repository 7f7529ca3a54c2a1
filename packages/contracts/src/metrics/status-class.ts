const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** The class of a status of HTTP (RFC 9110 section 15). */
export type StatusClass = (typeof classes)[number];

/** @returns undefined for a number that is no status */
export function statusClassOf(status: number): StatusClass | undefined {
  return classes[Math.floor(status / 100) - 1];
}
