import { describeError, type LogOutput, openLogOutput } from '@aipassport/contracts';
import { type Logger, pino } from 'pino';

/**
 * JSON lines with a stable `event`. Nothing that is secret is ever given to it; `redact` is for the day on which an
 * error of some library carries a request along.
 */
export function createLog(level: string, destination: LogOutput = openLogOutput()): Logger {
  const options = {
    level,
    base: { program: 'authorization-server' },
    timestamp: () => `,"at":"${new Date().toISOString()}"`,
    messageKey: 'message',
    serializers: { err: describeError },
    redact: ['*.authorization', '*.cookie', '*.password', '*.headers', 'headers'],
  };
  return pino(options, destination);
}
