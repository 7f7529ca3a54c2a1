import { describeError, type LogOutput, openLogOutput } from '@aipassport/contracts';
import { type Logger, pino } from 'pino';

/**
 * Writes JSON lines with a stable `event`. Callers never pass a secret. An error is logged with its type, message,
 * code, stack and cause, and without its other properties. The log does not search for secrets by name: one line is
 * written for every request, and the search would cost more than the line.
 */
export function createLog(level: string, destination: LogOutput = openLogOutput()): Logger {
  const options = {
    level,
    base: { program: 'resource-proxy' },
    timestamp: () => `,"at":"${new Date().toISOString()}"`,
    messageKey: 'message',
    serializers: { err: describeError },
  };
  return pino(options, destination);
}
