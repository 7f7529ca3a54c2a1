import { describeError, type LogOutput, openLogOutput } from '@aipassport/contracts';
import { type Logger, pino } from 'pino';

/**
 * Creates the log, which has JSON lines with a stable `event`. Our code never logs a secret. If a library's error
 * contains a request, `redact` hides the members that may hold secrets.
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
