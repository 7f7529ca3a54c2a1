import { expect, it } from '@jest/globals';
import { readTraceparent } from '../src/requests/read-traceparent.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

it.each([
  `00-${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}-00`,
  `cc-${traceId}-${spanId}-01`,
  `cc-${traceId}-${spanId}-01-what-the-future-will-be-like`,
])('reads %s', (header) => {
  expect(readTraceparent(header)).toEqual({ traceId, spanId });
});

it.each([
  undefined,
  '',
  [`00-${traceId}-${spanId}-01`],
  `00-${traceId}-${spanId}-01-x`,
  `00-${traceId}-${spanId}-01x`,
  `00-${traceId}-${spanId}`,
  `00-${traceId}-${spanId}-1`,
  `ff-${traceId}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${traceId.slice(1)}-${spanId}-01`,
  ` 00-${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}-01\r\nx-forged: 1`,
])('ignores the malformed header %j', (header) => {
  expect(readTraceparent(header)).toBeUndefined();
});
