import { describeError, type LogOutput, openLogOutput } from '@aipassport/contracts';
import { type Logger, pino } from 'pino';

/**
 * JSON lines with a stable `event`. Nothing that is secret is ever given to it, and of an error only its own words: one
 * line is written for every request, and to look for secrets in each by name costs more than the line itself.
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
