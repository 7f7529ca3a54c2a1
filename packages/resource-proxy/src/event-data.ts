const dataField = Buffer.from('data:');

/**
 * Returns the data of one line of an event stream, without a copy.
 *
 * @param start where the line begins in `bytes`
 * @param end where the line ends, without its line feed
 * @returns undefined for a line with another field, a comment or a blank line
 */
export function findLineData(bytes: Buffer, start = 0, end = bytes.length): Buffer | undefined {
  const value = start + dataField.length;
  if (value > end || bytes[start] !== dataField[0]) return undefined;
  return bytes.compare(dataField, 0, dataField.length, start, value) === 0 ? bytes.subarray(value, end) : undefined;
}
